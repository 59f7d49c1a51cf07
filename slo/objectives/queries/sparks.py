"""The burn-downs of many objectives at once, a few points each, for the lines of the fleet."""

from collections.abc import Sequence

from slo.objectives.models import Budget
from slo.objectives.queries.lines import lines

POINTS = 16


def sparks(budgets: Sequence[Budget]) -> dict[int, list[float]]:
    """Objective id -> what was left at evenly spaced instants of its window. One query."""
    return {objective: [left for _, left in line] for objective, line in lines(budgets, POINTS).items()}
