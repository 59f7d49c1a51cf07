"""Reads, shaped for the gate, the pages and the API. The number of queries never depends on the number of rows."""

from slo.objectives.queries.alert_rows import BurnRow, burn_table
from slo.objectives.queries.burn_down import burn_down
from slo.objectives.queries.corrections import corrections
from slo.objectives.queries.evaluate_at import budget_at
from slo.objectives.queries.gating_budgets import GatingBudget, gating_budgets
from slo.objectives.queries.listing import all_objectives, by_slug, objectives
from slo.objectives.queries.outages import outages
from slo.objectives.queries.recovery import recovery_times

__all__ = [
    "BurnRow",
    "GatingBudget",
    "all_objectives",
    "budget_at",
    "burn_down",
    "burn_table",
    "by_slug",
    "corrections",
    "gating_budgets",
    "objectives",
    "outages",
    "recovery_times",
]
