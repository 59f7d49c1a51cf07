"""Whom a window of the calendar would hit, before it is entered. Nothing is written and nobody is held up."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.environments.queries import canonical_all, is_production
from changes.calendar.models import CLOSING, CalendarWindow
from changes.calendar.operations.occurring import times_of
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries.scope import services_in_scope
from changes.calendar.rules.bounds import within
from changes.calendar.rules.recurrence import Period
from changes.change.models import Change
from changes.change.queries.change_context import RUNS_FOR
from changes.change.queries.closures import judged_as
from changes.change.queries.listing import listed
from changes.change.workflow import IN_FLIGHT, WAITING, Status
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team

MOST = 200
_ANY_MOMENT = timedelta(microseconds=1)


def whom_it_hits(
    *,
    actor: Actor,
    at: datetime,
    window_type: str,
    starts_at: datetime,
    ends_at: datetime,
    services: "Sequence[Service]" = (),
    with_dependents: bool = False,
    tiers: Sequence[int] = (),
    teams: "Sequence[Team]" = (),
    environments: Sequence[str] = (),
    change_kinds: Sequence[str] = (),
    rrule: str = "",
    zone: str = "",
) -> list[Change]:
    """Changes in scope that run, may start, or wait with a time, while it closes: the first MOST, the oldest first.

    A maintenance hits nobody. Raises NotPermitted, InvalidInput and UnknownEnvironment, as entering it does.
    """
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    times = times_of(rrule.strip(), zone, starts_at, ends_at, at)
    names = canonical_all(environments)
    if window_type not in CLOSING:
        return []
    meant = services_in_scope(
        [one.pk for one in services], with_dependents=with_dependents, tiers=tiers, teams=[one.pk for one in teams]
    )
    scope = _Scope(window_type, meant, names, tuple(change_kinds))
    return list(islice(_hit(listed(actor), scope, times, at), MOST))


def hit_by(window: CalendarWindow, at: datetime) -> list[Change]:
    """The same of a window that stands, all of them, whoever may see them."""
    services, teams = (list(each.values_list("pk", flat=True)) for each in (window.services, window.teams))
    meant = services_in_scope(services, with_dependents=window.with_dependents, tiers=window.tiers, teams=teams)
    scope = _Scope(window.window_type, meant, window.environments, tuple(window.change_kinds))
    times = [Period(max(window.starts_at, at), window.ends_at)]
    return list(_hit(Change.objects.select_related("service"), scope, times, at))


class _Scope(NamedTuple):
    window_type: str
    services: Sequence[int]
    environments: Sequence[str]
    change_kinds: tuple[str, ...]


def _hit(changes: QuerySet[Change], scope: _Scope, times: Sequence[Period], at: datetime) -> Iterator[Change]:
    open_ones = changes.filter(status__in=(*IN_FLIGHT, *WAITING), service__in=scope.services)
    if scope.environments:
        open_ones = open_ones.filter(environment__in=scope.environments)
    everywhere = scope.window_type == CalendarWindow.Kind.LOCKDOWN
    for change in open_ones.order_by("pk").iterator(chunk_size=500):
        counts = everywhere or is_production(change.environment)
        if counts and _meets(_time_of(change, at), times) and _is_of(change, scope.change_kinds):
            yield change


def _is_of(change: Change, kinds: tuple[str, ...]) -> bool:
    """As the gate counted it last; of what it never judged, for sure."""
    judged = judged_as(change.evaluations.order_by("-asked_at").first()) if kinds else None
    return judged is None or judged.kinds <= set(kinds)


def _time_of(change: Change, at: datetime) -> Period | None:
    """When it may be under way; None of what waits without saying when."""
    if change.status == Status.RUNNING:
        return Period(at, max(at, within(change.window_end or at)) + RUNS_FOR)
    if change.window is not None:
        begins, ends = change.window
        return Period(within(begins), within(ends))
    if change.status == Status.SCHEDULED and change.authorised_until is not None:
        return Period(at, max(change.authorised_until, at + _ANY_MOMENT))
    return None


def _meets(time: Period | None, times: Sequence[Period]) -> bool:
    """Times are in order and of one length, so the last that begins before the end is the one that may meet it."""
    if time is None:
        return False
    place = bisect_right(times, time.ends_at - _ANY_MOMENT, key=lambda one: one.starts_at) - 1
    return place >= 0 and times[place].ends_at > time.starts_at
