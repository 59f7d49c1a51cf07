"""Reads, shaped for the gate, the pages and the API. The number of queries never depends on the number of rows."""

from slo.queries.charts import burn_down
from slo.queries.listing import by_slug, fleet, indicators, objectives
from slo.queries.outages import Outage, outages
from slo.queries.readings import Reading, readings
from slo.queries.recovery import recovery_times
from slo.queries.tables import BurnRow, burn_table

__all__ = [
    "BurnRow",
    "Outage",
    "Reading",
    "burn_down",
    "burn_table",
    "by_slug",
    "fleet",
    "indicators",
    "objectives",
    "outages",
    "readings",
    "recovery_times",
]
