"""Reads of reconciliation: runs with their reports, why a value holds."""

from catalog.reconciliation.queries.runs import report, visible_runs
from catalog.reconciliation.queries.why import truth, why

__all__ = ["report", "truth", "visible_runs", "why"]
