"""What the app stores, for Django; a folder per sub-domain holds it."""

from changes.allowances.models import Allowance, AllowanceEntry
from changes.back_tests.models import BackTest, BackTestDifference, BackTestSlice, ShadowAnswer
from changes.boards.models import Board, Item, Meeting, Minutes, Presence, Seat
from changes.calendar.models import CalendarOccurrence, CalendarWindow
from changes.change.models.attestation import Attestation, Attestor
from changes.change.models.change import Change
from changes.change.models.deployment import Deployment
from changes.change.models.evaluation import Decision, Evaluation
from changes.change.models.gate_shadow import GateShadow
from changes.change.models.impact_snapshot import ImpactSnapshot
from changes.change.models.lockdown_hold import LockdownHold
from changes.change.models.override import Override
from changes.change.models.stage import RollBackCall, RolloutStage
from changes.change.vocabulary import ChangeClass, OutcomeCode
from changes.change_models.models import ChangeModel, History, ModelVersion
from changes.chaos.models import ChaosAbort, ChaosBurn, ChaosExperiment
from changes.delivery.models import (
    DeliveredCommit,
    DeliverySource,
    DeploymentEvent,
    DeploymentRoute,
    PlatformDelivery,
    PlatformQuestion,
)
from changes.feeds.models import CalendarFeed, ProposedEvent, SubscribedCalendar
from changes.ledger.models import ChangeCost, Debit, LedgerDay, Refund
from changes.policies.models import GatePolicy, PolicyActivation, PolicyVersion
from changes.start_up.models import PastAnswer

__all__ = [
    "Allowance",
    "AllowanceEntry",
    "Attestation",
    "Attestor",
    "BackTest",
    "BackTestDifference",
    "BackTestSlice",
    "Board",
    "CalendarFeed",
    "CalendarOccurrence",
    "CalendarWindow",
    "Change",
    "ChangeClass",
    "ChangeCost",
    "ChangeModel",
    "ChaosAbort",
    "ChaosBurn",
    "ChaosExperiment",
    "Debit",
    "Decision",
    "DeliveredCommit",
    "DeliverySource",
    "Deployment",
    "DeploymentEvent",
    "DeploymentRoute",
    "Evaluation",
    "GatePolicy",
    "GateShadow",
    "History",
    "ImpactSnapshot",
    "Item",
    "LedgerDay",
    "LockdownHold",
    "Meeting",
    "Minutes",
    "ModelVersion",
    "OutcomeCode",
    "Override",
    "PastAnswer",
    "PlatformDelivery",
    "PlatformQuestion",
    "PolicyActivation",
    "PolicyVersion",
    "Presence",
    "ProposedEvent",
    "Refund",
    "RollBackCall",
    "RolloutStage",
    "Seat",
    "ShadowAnswer",
    "SubscribedCalendar",
]
