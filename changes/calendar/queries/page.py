"""The windows of the calendar by when they are next, for the page that keeps them."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet

from catalog.services.queries import visible_services
from changes.calendar.models import CalendarWindow
from changes.calendar.workflow import PREPARED, WindowStatus
from itsm.accounts.models import Team
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor

_MAX_ROWS = 200
_PAST = 20
_CAME_TO_BE = (WindowStatus.ENFORCED, WindowStatus.LIFTED)


def with_times(windows: "QuerySet[Any]", at: datetime) -> "QuerySet[Any]":
    """Each with `next_start` and `next_end` (None where it is over) and the end of its last known time."""
    coming = Q(occurrences__period__endswith__gt=at)
    timed: QuerySet[Any] = windows.annotate(
        next_start=Min("occurrences__period__startswith", filter=coming),
        next_end=Min("occurrences__period__endswith", filter=coming),
        last_end=Max("occurrences__period__endswith"),
    )
    return timed


def visible_windows(actor: Actor) -> "QuerySet[CalendarWindow]":
    """All for who works here; for others those that name no service, or one that they may see, and that came to be."""
    if staff(actor):
        return CalendarWindow.objects.all()
    named = CalendarWindow.services.through.objects.filter(calendarwindow=OuterRef("pk"))
    came_to_be = CalendarWindow.objects.filter(status__in=_CAME_TO_BE)
    return came_to_be.filter(~Exists(named) | Exists(named.filter(service__in=visible_services(actor))))


def with_scope(actor: Actor) -> "QuerySet[CalendarWindow]":
    """The windows that this actor may see, with those that they may see of the services and teams that these name."""
    services, teams = visible_services(actor), Team.objects.visible_to(actor)
    scope = Prefetch("services", services), Prefetch("teams", teams)
    return visible_windows(actor).prefetch_related(*scope).order_by()


def calendar(actor: Actor, at: datetime) -> dict[str, Any]:
    """`prepared` lockdowns, `closed_now`, `coming` and the last of what is `over`; three queries and their scope."""
    windows = with_times(with_scope(actor).select_related("created_by"), at)
    live = Q(lifted_at=None, next_start__isnull=False)
    ahead = list(windows.filter(live).order_by("next_start", "id")[:_MAX_ROWS])
    over = (
        windows.filter(status__in=_CAME_TO_BE)
        .exclude(live)
        .order_by(F("last_end").desc(nulls_last=True), "-id")[:_PAST]
    )
    return {
        "prepared": list(windows.filter(status__in=PREPARED).order_by("starts_at", "id")[:_MAX_ROWS]),
        "closed_now": [window for window in ahead if window.next_start <= at],
        "coming": [window for window in ahead if window.next_start > at],
        "over": list(over),
    }
