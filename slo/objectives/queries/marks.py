"""Marks on a burn-down: what happened to the service while its budget was spent.

Apps above say what they know by `register_source`; this app knows incidents and its own alerts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.incident.queries import opened_since
from slo.objectives.models import Objective

_MAX_ROWS = 40


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


def marks(objective: Objective, at: datetime) -> list[dict[str, Any]]:
    """Of the window that ends at `at`, oldest first."""
    since = at - timedelta(days=objective.window_days)
    found = [mark for source in (_incidents, *_sources) for mark in source(objective, since)]
    found.sort(key=lambda mark: mark.at)
    return [{"at": one.at.isoformat(), "kind": one.kind, "label": one.label, "url": one.url} for one in found]


def _incidents(objective: Objective, since: datetime) -> Iterable[Mark]:
    for one in opened_since(objective.service_id, since)[:_MAX_ROWS]:
        yield Mark(one.opened_at, "incident", f"{one.reference} {one.title}", one.get_absolute_url())
