"""What the app stores: sources, indicators, series and their hours, objectives and what became of their budgets."""

from slo.models.alert import BurnAlert
from slo.models.budget import Budget
from slo.models.correction import Correction
from slo.models.indicator import Indicator, UptimeCheck
from slo.models.measuring import Measurer, QuarantinedSample, SelfMeasuring
from slo.models.objective import Objective, ObjectiveVersion, VersionMember
from slo.models.outage import Outage, OutageCause
from slo.models.owed import OwedPiece
from slo.models.reservation import Reservation
from slo.models.series import Series, SeriesMember, SliceHour, Span
from slo.models.source import DataSource

__all__ = [
    "Budget",
    "BurnAlert",
    "Correction",
    "DataSource",
    "Indicator",
    "Measurer",
    "Objective",
    "ObjectiveVersion",
    "Outage",
    "OutageCause",
    "OwedPiece",
    "QuarantinedSample",
    "Reservation",
    "SelfMeasuring",
    "Series",
    "SeriesMember",
    "SliceHour",
    "Span",
    "UptimeCheck",
    "VersionMember",
]
