"""The burn-downs of many objectives at once, a few points each, for the lines of the overview."""

from collections.abc import Sequence

from slo.objectives.models import Budget
from slo.objectives.queries.burn_down import burn_down_points

POINTS = 16


def sparks(budgets: Sequence[Budget]) -> dict[int, list[float]]:
    """Objective id -> what was left at evenly spaced instants of its window. One query."""
    return {objective: [left for _, left in line] for objective, line in burn_down_points(budgets, POINTS).items()}
