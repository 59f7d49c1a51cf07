"""Reads, shaped for the gate, the pages and the API. The number of queries never depends on the number of rows."""

from slo.objectives.queries.at import budget_at
from slo.objectives.queries.charts import burn_down
from slo.objectives.queries.listing import by_slug, corrections, fleet, objectives
from slo.objectives.queries.outages import outages
from slo.objectives.queries.readings import Reading, readings
from slo.objectives.queries.recovery import recovery_times
from slo.objectives.queries.tables import BurnRow, burn_table

__all__ = [
    "BurnRow",
    "Reading",
    "budget_at",
    "burn_down",
    "burn_table",
    "by_slug",
    "corrections",
    "fleet",
    "objectives",
    "outages",
    "readings",
    "recovery_times",
]
