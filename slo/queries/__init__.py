"""Reads, shaped for the gate, the pages and the API. The number of queries never depends on the number of rows."""

from slo.queries.at import budget_at
from slo.queries.charts import burn_down
from slo.queries.listing import by_slug, corrections, fleet, indicators, objectives, sources
from slo.queries.outages import outages
from slo.queries.readings import Reading, readings
from slo.queries.recovery import recovery_times
from slo.queries.tables import BurnRow, burn_table

__all__ = [
    "BurnRow",
    "Reading",
    "budget_at",
    "burn_down",
    "burn_table",
    "by_slug",
    "corrections",
    "fleet",
    "indicators",
    "objectives",
    "outages",
    "readings",
    "recovery_times",
    "sources",
]
