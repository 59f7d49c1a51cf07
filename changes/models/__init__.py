"""What the app stores, one file per record type."""

from changes.models.calendar import CalendarWindow
from changes.models.change import Change, ChangeClass, OutcomeCode
from changes.models.deployment import Deployment
from changes.models.evaluation import Decision, Evaluation, PolicyVersion
from changes.models.model import Attestation, ChangeModel, History

__all__ = [
    "Attestation", "CalendarWindow", "Change", "ChangeClass", "ChangeModel", "Decision", "Deployment", "Evaluation",
    "History", "OutcomeCode", "PolicyVersion",
]  # fmt: skip
