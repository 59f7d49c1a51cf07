"""What the app stores, for Django; a folder per sub-domain holds it."""

from slo.measuring.models.indicator import Indicator, UptimeCheck
from slo.measuring.models.measurers import Measurer, QuarantinedSample
from slo.measuring.models.owed import OwedPiece
from slo.measuring.models.series import HourCounts, Series, SeriesMember
from slo.measuring.models.source import DataSource
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
    "DataSource",
    "HourCounts",
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
    "UptimeCheck",
    "VersionMember",
]
