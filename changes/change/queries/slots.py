"""Where a change would fit within the next 90 days: the calendar, other changes and its implementer's time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from catalog.cmdb.queries.changed import living
from catalog.environments.queries import is_production
from catalog.services.queries import reached_from
from changes.calendar.models import CLOSING, CalendarWindow
from changes.calendar.queries.occurrences import MOST, demanded_of, occurrences_for
from changes.calendar.rules.bounds import within
from changes.calendar.rules.slots import Busy, Found, Span, free_slots
from changes.change.models import Change
from changes.change.queries.change_context import RUNS_FOR
from changes.change.queries.closures import for_its_kind
from changes.change.workflow import IN_FLIGHT, WAITING, Status

AHEAD = timedelta(days=90)
_MOST_CHANGES = 2000


def slots_of(change: Change, lasts: timedelta, at: datetime) -> Found:
    """The first three stretches in which a change of this length meets nothing, and what no earlier one would do for.

    A fixed number of queries. It is no promise: the gate looks again.
    """
    touched = [change.service.pk, *living(change.items)]
    concerned = [change.service.pk, *(one.service_id for one in reached_from(touched))]
    horizon = at + AHEAD
    closed = occurrences_for(concerned, change.environment, at, horizon, _closing(change.environment))
    if len(closed) == MOST:  # what begins later was not read
        horizon = closed[-1].starts_at
    busy = [
        *(Busy(one.starts_at, one.ends_at, one.window_type, one.name) for one in for_its_kind(change, closed)),
        *_busy_with(_others(change, concerned, at), at),
    ]
    return free_slots(at, lasts, busy, _demanded(change, at, horizon), horizon=horizon)


def _closing(environment: str) -> Sequence[str]:
    """As the gate: elsewhere than in production only a lockdown closes."""
    return CLOSING if is_production(environment) else (CalendarWindow.Kind.LOCKDOWN,)


def _demanded(change: Change, at: datetime, horizon: datetime) -> list[Span] | None:
    if not demanded_of([change.service.pk], change.environment, at):
        return None
    maintenance = (CalendarWindow.Kind.MAINTENANCE,)
    found = occurrences_for([change.service.pk], change.environment, at, horizon, maintenance)
    return [Span(one.starts_at, one.ends_at) for one in found if one.demanded]


def _others(change: Change, concerned: Sequence[int], at: datetime) -> list[Change]:
    """Changes with a time of their own on what this one touches or reaches, or with the same implementer."""
    near = Q(service__in=concerned, environment=change.environment)
    if change.items:
        near |= Q(items__overlap=change.items)
    if change.implementer_id is not None:
        near |= Q(implementer=change.implementer_id)
    over = Q(window_end__gt=at) | Q(status=Status.RUNNING) | Q(window_end=None, authorised_until__gt=at)
    rows = Change.objects.filter(near, over, status__in=(*IN_FLIGHT, *WAITING)).exclude(pk=change.pk)
    return list(rows.order_by(Coalesce(F("window_start"), F("created_at")), "pk")[:_MOST_CHANGES])


def _busy_with(others: Sequence[Change], at: datetime) -> Iterator[Busy]:
    """What runs goes on for a while, as the gate takes it; what only waits without a time is in nobody's way."""
    for other in others:
        if other.status == Status.RUNNING:
            yield Busy(at, max(at, within(other.window_end or at)) + RUNS_FOR, "change", other.reference)
        elif other.window is not None:
            begins, ends = other.window
            yield Busy(within(begins), within(ends), "change", other.reference)
        elif other.status == Status.SCHEDULED and other.authorised_until is not None:
            yield Busy(at, other.authorised_until, "change", other.reference)
