"""What the app stores, one file per record type."""

from changes.models.attestation import Attestation, Attestor
from changes.models.calendar import CalendarWindow
from changes.models.change import Change, ChangeClass, OutcomeCode
from changes.models.deployment import Deployment
from changes.models.evaluation import Decision, Evaluation
from changes.models.model import ChangeModel, History
from changes.models.policy import PolicyActivation, PolicyVersion

__all__ = [
    "Attestation", "Attestor", "CalendarWindow", "Change", "ChangeClass", "ChangeModel", "Decision", "Deployment",
    "Evaluation", "History", "OutcomeCode", "PolicyActivation", "PolicyVersion",
]  # fmt: skip
