"""What is measured: sources, indicators, who measures, and the series of samples."""

from slo.measuring.models.indicator import Indicator, UptimeCheck
from slo.measuring.models.measurers import Measurer, QuarantinedSample
from slo.measuring.models.owed import OwedPiece
from slo.measuring.models.series import HourCounts, Series, SeriesMember
from slo.measuring.models.source import DataSource

__all__ = [
    "DataSource",
    "HourCounts",
    "Indicator",
    "Measurer",
    "OwedPiece",
    "QuarantinedSample",
    "Series",
    "SeriesMember",
    "UptimeCheck",
]
