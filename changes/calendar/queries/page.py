"""The windows of the calendar by when they are next, for the page that keeps them."""

from datetime import datetime
from typing import Any

from django.db.models import F, Max, Min, Prefetch, Q, QuerySet

from changes.calendar.models import CalendarWindow
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor

_MAX_ROWS = 200
_PAST = 20


def with_times(windows: "QuerySet[Any]", at: datetime) -> "QuerySet[Any]":
    """Each with `next_start` and `next_end` (None where it is over) and the end of its last known time."""
    coming = Q(occurrences__period__endswith__gt=at)
    timed: QuerySet[Any] = windows.annotate(
        next_start=Min("occurrences__period__startswith", filter=coming),
        next_end=Min("occurrences__period__endswith", filter=coming),
        last_end=Max("occurrences__period__endswith"),
    )
    return timed


def with_scope(actor: Actor) -> "QuerySet[CalendarWindow]":
    """All windows, with the services that they name and of their teams those that this actor may see."""
    seen = Prefetch("teams", Team.objects.visible_to(actor))
    return CalendarWindow.objects.prefetch_related("services", seen).order_by()


def calendar(actor: Actor, at: datetime) -> dict[str, Any]:
    """`closed_now`, `coming` and the last of what is `over`; two queries, their services and teams."""
    windows = with_times(with_scope(actor).select_related("created_by"), at)
    live = Q(lifted_at=None, next_start__isnull=False)
    ahead = list(windows.filter(live).order_by("next_start", "id")[:_MAX_ROWS])
    over = windows.exclude(live).order_by(F("last_end").desc(nulls_last=True), "-id")[:_PAST]
    return {
        "closed_now": [window for window in ahead if window.next_start <= at],
        "coming": [window for window in ahead if window.next_start > at],
        "over": list(over),
    }
