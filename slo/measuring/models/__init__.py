"""What is measured: sources, indicators, who measures, and the series of samples."""

from slo.measuring.models.indicator import Indicator, UptimeCheck
from slo.measuring.models.measurers import Measurer, QuarantinedSample, SelfMeasuring
from slo.measuring.models.owed import OwedPiece
from slo.measuring.models.series import Series, SeriesMember, SliceHour, Span
from slo.measuring.models.source import DataSource

__all__ = [
    "DataSource",
    "Indicator",
    "Measurer",
    "OwedPiece",
    "QuarantinedSample",
    "SelfMeasuring",
    "Series",
    "SeriesMember",
    "SliceHour",
    "Span",
    "UptimeCheck",
]
