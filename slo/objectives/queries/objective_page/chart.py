"""The burn-down's chart: its line, its limits, the outages as bands, and what happened meanwhile.

Apps above say what happened by `register_source`; this app knows incidents and its own alerts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.incident.queries import opened_since
from itsm.kernel.actors import Actor
from slo.engine.levels import LIMITS
from slo.engine.samples import instant_of
from slo.objectives.models import Budget, BurnAlert, Objective
from slo.objectives.queries.burn_down import burn_down
from slo.objectives.queries.outages import outages_in_window

_MAX_ALERTS = 20
_MAX_INCIDENTS = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """kind: incident, change or alert."""

    at: datetime
    kind: str
    label: str
    url: str


Source = Callable[[Objective, datetime], Iterable[Mark]]  # the objective, and since when
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Add a source of marks, once, at start."""
    _sources.append(source)


def chart(objective: Objective, at: datetime, actor: Actor) -> dict[str, Any]:
    """What js/charts.js draws. `to` lies ahead for a calendar period, `pace` says that it has an even pace to keep."""
    budget: Budget = objective.budget
    begins = instant_of(budget.window_first)
    happened = [mark for mark in marks(objective, at, actor) if mark["at"] >= begins.isoformat()]
    return {
        **burn_down(objective, at),
        "limits": [float(limit) for limit in LIMITS.values()],
        "pace": not objective.is_rolling,
        "marks": sorted([*happened, *_alerts(objective, begins)], key=lambda mark: mark["at"]),
        "outages": _outages(objective, budget, actor),
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


def _outages(objective: Objective, budget: Budget, actor: Actor) -> list[dict[str, Any]]:
    """Numbered as the page's table numbers them."""
    return [
        {"from": one.started_at.isoformat(), "to": one.ended_at.isoformat(), "number": number}
        for number, one in enumerate(outages_in_window(objective, budget, actor), start=1)
    ]


def marks(objective: Objective, at: datetime, actor: Actor) -> list[dict[str, Any]]:
    """Of the window that ends at `at`, oldest first; no incident that the actor may not see."""
    since = at - timedelta(days=objective.window_days)
    found = [*_incidents(objective, since, actor), *(mark for source in _sources for mark in source(objective, since))]
    found.sort(key=lambda mark: mark.at)
    return [{"at": one.at.isoformat(), "kind": one.kind, "label": one.label, "url": one.url} for one in found]


def _incidents(objective: Objective, since: datetime, actor: Actor) -> Iterable[Mark]:
    for one in opened_since(actor, objective.service_id, since)[:_MAX_INCIDENTS]:
        yield Mark(one.opened_at, "incident", f"{one.reference} {one.title}", one.get_absolute_url())
