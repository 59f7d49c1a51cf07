"""Whom a window of the calendar would hit, before it is entered. Nothing is written and nobody is held up."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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
    open_ones = listed(actor).filter(status__in=(*IN_FLIGHT, *WAITING), service__in=meant)
    if names:
        open_ones = open_ones.filter(environment__in=names)
    everywhere = window_type == CalendarWindow.Kind.LOCKDOWN
    hit = [
        change
        for change in open_ones.order_by("pk").iterator(chunk_size=500)
        if _meets(_time_of(change, at), times) and (everywhere or is_production(change.environment))
    ]
    return hit[:MOST]


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
