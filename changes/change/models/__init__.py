"""A change, what was decided about it, who vouched for it, and its deployments."""

from changes.change.models.attestation import Attestation, Attestor
from changes.change.models.change import Change
from changes.change.models.deployment import Deployment
from changes.change.models.evaluation import Decision, Evaluation
from changes.change.models.gate_shadow import GateShadow
from changes.change.models.impact_snapshot import ImpactSnapshot
from changes.change.models.lockdown_hold import LockdownHold
from changes.change.models.override import Override
from changes.change.models.stage import RollBackCall, RolloutStage

__all__ = [
    "Attestation",
    "Attestor",
    "Change",
    "Decision",
    "Deployment",
    "Evaluation",
    "GateShadow",
    "ImpactSnapshot",
    "LockdownHold",
    "Override",
    "RollBackCall",
    "RolloutStage",
]
