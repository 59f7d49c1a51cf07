"""The burn-down of one budget, shaped for its chart."""

from datetime import datetime
from typing import Any

from slo.engine.samples import instant_of
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.burn_down import burn_down_points

POINTS = 200


def burn_down(objective: Objective, at: datetime, points: int = POINTS) -> dict[str, Any]:
    """{"from", "to", "points": [[RFC 3339, share left], ...]}: from the window's beginning to the watermark."""
    budget = Budget.objects.get(pk=objective.pk)
    line = [[_text(minute), round(left, 6)] for minute, left in burn_down_points([budget], points).get(budget.pk, [])]
    return {"from": _text(budget.window_first), "to": _text(budget.window_last), "points": line}


def _text(minute: int) -> str:
    return instant_of(minute).isoformat().replace("+00:00", "Z")
