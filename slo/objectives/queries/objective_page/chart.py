"""The burn-down's chart: its line, its limits, the outages as bands, and what happened meanwhile."""

from datetime import datetime
from typing import Any

from slo.engine.levels import LIMITS
from slo.engine.samples import instant_of
from slo.objectives.models import Budget, BurnAlert, Objective
from slo.objectives.queries.burn_down import burn_down
from slo.objectives.queries.marks import marks
from slo.objectives.queries.outages import outages_in_window

_MAX_ALERTS = 20


def chart(objective: Objective, at: datetime) -> dict[str, Any]:
    """What js/charts.js draws. `to` lies ahead for a calendar period, `pace` says that it has an even pace to keep."""
    budget: Budget = objective.budget
    begins = instant_of(budget.window_first)
    happened = [mark for mark in marks(objective, at) if mark["at"] >= begins.isoformat()]
    return {
        **burn_down(objective, at),
        "limits": [float(limit) for limit in LIMITS.values()],
        "pace": not objective.is_rolling,
        "marks": sorted([*happened, *_alerts(objective, begins)], key=lambda mark: mark["at"]),
        "outages": _outages(objective, budget),
    }


def _alerts(objective: Objective, begins: datetime) -> list[dict[str, Any]]:
    rows = BurnAlert.objects.filter(objective=objective, started_at__gte=begins)[:_MAX_ALERTS]
    return [
        {
            "at": one.started_at.isoformat(),
            "kind": "alert",
            "label": f"{one.get_severity_display().capitalize()}: {', '.join(one.rows)}",
            "url": "#alerts",
        }
        for one in rows
    ]


def _outages(objective: Objective, budget: Budget) -> list[dict[str, Any]]:
    """Numbered as the page's table numbers them."""
    return [
        {"from": one.started_at.isoformat(), "to": one.ended_at.isoformat(), "number": number}
        for number, one in enumerate(outages_in_window(objective, budget), start=1)
    ]
