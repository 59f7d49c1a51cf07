"""Every write about sources, indicators and samples: one function per verb."""

from slo.measuring.operations.checks import run_checks
from slo.measuring.operations.indicators import create_indicator, get_or_create_indicator
from slo.measuring.operations.measurers import may_name_measurers, name_measurers
from slo.measuring.operations.pulling import pull_source
from slo.measuring.operations.retention import forget_old_hours
from slo.measuring.operations.samples import Recorded, record_samples
from slo.measuring.operations.sources import create_source, delete_source, edit_source

__all__ = [
    "Recorded",
    "create_indicator",
    "create_source",
    "delete_source",
    "edit_source",
    "forget_old_hours",
    "get_or_create_indicator",
    "may_name_measurers",
    "name_measurers",
    "pull_source",
    "record_samples",
    "run_checks",
]
