"""What is promised, and how it stands: objectives, budgets, alerts, corrections, outages, reservations."""

from slo.objectives.models.alert import BurnAlert
from slo.objectives.models.budget import Budget
from slo.objectives.models.correction import Correction
from slo.objectives.models.counted_period import CountedPeriod
from slo.objectives.models.objective import Objective, ObjectiveVersion, VersionMember
from slo.objectives.models.outage import Outage, OutageCause
from slo.objectives.models.reservation import Reservation
from slo.objectives.models.self_measuring import SelfMeasuring

__all__ = [
    "Budget",
    "BurnAlert",
    "Correction",
    "CountedPeriod",
    "Objective",
    "ObjectiveVersion",
    "Outage",
    "OutageCause",
    "Reservation",
    "SelfMeasuring",
    "VersionMember",
]
