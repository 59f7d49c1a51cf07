"""Planned maintenance asks that its services' error budgets do not count it. Somebody else decides, of each time."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from changes.calendar.models import CalendarOccurrence, CalendarWindow
from changes.calendar.rules.recurrence import Period
from itsm.kernel.actors import Actor
from itsm.one_by_one import one_by_one
from slo.objectives import operations as slo
from slo.objectives.queries.corrections import known_corrections_of, open_corrections_of
from slo.objectives.queries.standing import in_force_on

if TYPE_CHECKING:
    from slo.models import Correction, Objective

CLOCK = Actor.system("calendar")
# What recurs is asked about a week ahead, each time for itself: an answer is due within two, and nobody knows the year.
ASKED_AHEAD = timedelta(days=7)
_CAUGHT_UP = timedelta(days=7)  # nights on which nothing ran
_OLDEST_START = timedelta(days=45)  # of what recurs: it lasts at most 31 days
_FARTHEST = timedelta(days=365)
_ENDS = ("period__startswith", "period__endswith")


def propose_corrections(window: CalendarWindow, *, actor: Actor, at: datetime) -> "list[Correction]":
    """One proposal for each objective of the services that the window names; a window for everything proposes none.

    Of what recurs for each time that begins within a week; the clock asks about the others when they are near. Raises
    NotPermitted and InvalidInput.
    """
    times = _near(window, at) if window.rrule else [Period(window.starts_at, window.ends_at)]
    return [one for time in times for one in _proposed(window, time, actor, at)]


def ask_ahead(at: datetime) -> int:
    """For every maintenance: ask about the times that are near, and take back what was asked about times that moved.

    A window at a time, in its own transaction. Safe to run twice: a time is asked about once for each objective,
    whatever the answer was, and whoever entered the window decides none of it. Returns how many were asked.
    """
    kept = CalendarWindow.objects.filter(window_type=CalendarWindow.Kind.MAINTENANCE, lifted_at=None).order_by("pk")
    windows = list(kept.values_list("pk", flat=True))
    return one_by_one(windows, lambda pk: _asked_ahead(pk, at), what="maintenance that is near")


def shorten_corrections(window: CalendarWindow, *, actor: Actor, at: datetime) -> None:
    """The maintenance ended early: what comes after it counts again, what was before it may be left out anew.

    What was over already stays as it was. Raises NotPermitted and InvalidInput.
    """
    for correction in open_corrections_of(_origins(window)):
        if correction.ends_at <= at:
            continue
        slo.withdraw_correction(correction, actor=actor, at=at, reason=gettext("The maintenance ended early."))
        if correction.starts_at < at and correction.objective.retired_at is None:
            _propose(correction.objective, window, Period(correction.starts_at, at), actor, at)


@transaction.atomic
def _asked_ahead(pk: int, at: datetime) -> int:
    held = CalendarWindow.objects.select_for_update(of=("self",), no_key=True)
    window = held.select_related("created_by").filter(pk=pk, lifted_at=None).first()
    if window is None:
        return 0
    _take_back_what_moved(window, at)
    return sum(len(_proposed(window, time, CLOCK, at)) for time in _near(window, at))


def _take_back_what_moved(window: CalendarWindow, at: datetime) -> None:
    still = set(CalendarOccurrence.objects.filter(window=window).values_list(*_ENDS))
    for correction in open_corrections_of(_origins(window)):
        if correction.starts_at > at and (correction.starts_at, correction.ends_at) not in still:
            slo.withdraw_correction(correction, actor=CLOCK, at=at, reason=gettext("The maintenance moved."))


def _near(window: CalendarWindow, at: datetime) -> list[Period]:
    """Its times that begin within a week or ended within the last, and not before anybody had entered it."""
    times = CalendarOccurrence.objects.filter(
        window=window,
        period__startswith__gt=at - _OLDEST_START,
        period__startswith__lte=at + ASKED_AHEAD,
        period__endswith__gt=max(at - _CAUGHT_UP, window.created_at),
    )
    return [Period(*ends) for ends in times.order_by("period").values_list(*_ENDS)]


def _proposed(window: CalendarWindow, time: Period, actor: Actor, at: datetime) -> "list[Correction]":
    """What was asked about already, with whatever answer, is left as it is."""
    if time.ends_at > at + _FARTHEST:
        return []
    objectives = in_force_on(window.services.values_list("pk", flat=True), window.environments)
    known = known_corrections_of(_origins(window), time.starts_at)
    return [_propose(one, window, time, actor, at) for one in objectives if one.pk not in known]


def _propose(objective: "Objective", window: CalendarWindow, time: Period, actor: Actor, at: datetime) -> "Correction":
    return slo.propose_correction(
        objective, actor=actor, at=at, category="scheduled_maintenance",
        starts_at=time.starts_at, ends_at=time.ends_at, origin=f"{_origins(window)}{time.ends_at:%Y%m%d%H%M%S}",
        reason=gettext("%(name)s: %(reason)s") % {"name": window.name, "reason": window.reason},
        asked_by=window.created_by if actor.is_system else None,
    )  # fmt: skip


def _origins(window: CalendarWindow) -> str:
    """How all that was proposed from it begins."""
    return f"calendar-window-{window.pk}-until-"
