"""Every write to clocks. Whoever calls holds the record's row; the clocks are locked here, after it.

Events are appended and the row becomes their fold, in the caller's transaction: nothing is written to a clock's row
that its events do not say. Clocks are kept by Headroom itself, from what people do to records, so no operation asks who
acts; what people did stands in the record's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from itsm import rows
from itsm.clocks import calendars, thresholds
from itsm.clocks.algebra import Reading, State
from itsm.clocks.models import Calendar, CalendarVersion, Clock, ClockEvent
from itsm.clocks.owners import owner_of
from itsm.clocks.reading import PROJECTED, earliest_due, read, row_of
from itsm.clocks.terms import Terms
from itsm.clocks.wanted import Wanted

MAX_WHY = 200
OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)
_Happened = ClockEvent.Happened


@dataclass(slots=True)
class _Kept:
    """A clock with its events, and those that are to be appended."""

    clock: Clock
    events: list[ClockEvent]
    new: list[ClockEvent] = field(default_factory=list)

    @property
    def all(self) -> list[ClockEvent]:
        return [*self.events, *self.new]

    @property
    def last_at(self) -> datetime | None:
        return max((one.at for one in self.all), default=None)

    def append(self, happened: str, at: datetime, now: datetime, why: str = "", terms: Terms | None = None) -> None:
        """Events of a clock do not run backwards: what comes late is noted at the last one's instant."""
        last = self.last_at
        if happened != _Happened.RECOUNTED and last is not None and at < last:
            at = last
        kept = None if terms is None else terms.to_json()
        event = ClockEvent(happened=happened, at=_whole(at), noted_at=now, why=why[:MAX_WHY], terms=kept)
        self.new.append(event)

    def project(self) -> Reading:
        """The row becomes the fold of the events."""
        events = self.all
        reading = read(events)
        for name, value in row_of(events, reading).items():
            setattr(self.clock, name, value)
        return reading


def _whole(at: datetime) -> datetime:
    """Clocks count whole seconds."""
    return at.replace(microsecond=0)


@transaction.atomic
def follow(record_kind: str, record_id: int, wanted: Sequence[Wanted], *, now: datetime) -> datetime | None:
    """Bring the clocks of a record to where it wants them, by the events that are missing. Repeatable.

    `now` is when it is noted; what happened earlier counts from then. The caller holds the record. Returns the earliest
    due of its running clocks, None where none is due, as told to the record's owner (`due_moved`). Raises nothing.
    """
    known = _kept(record_kind, record_id)
    touched: dict[int, _Kept] = {}
    for one in wanted:
        cycles = known.setdefault(one.name, [])
        if cycles or one.state is not State.VOID:
            _bring(_cycle(cycles, record_kind, record_id, one, now), one, now)
        touched.update({id(kept): kept for kept in cycles if kept.new})
    if touched:
        _store(list(touched.values()), now)
    return _tell_due(record_kind, record_id)


def _kept(record_kind: str, record_id: int) -> dict[str, list[_Kept]]:
    """Its clocks by name, each with its events, in order of their cycles; locked."""
    stored = Clock.objects.filter(record_kind=record_kind, record_id=record_id).order_by("name", "cycle")
    found: dict[str, list[_Kept]] = {}
    by_clock: dict[int, _Kept] = {}
    for clock in stored.select_for_update(no_key=True):
        by_clock[clock.pk] = kept = _Kept(clock, [])
        found.setdefault(clock.name, []).append(kept)
    for event in ClockEvent.objects.filter(clock__in=list(by_clock)).order_by("id") if by_clock else ():
        by_clock[event.clock_id].events.append(event)
    return found


def _cycle(cycles: list[_Kept], record_kind: str, record_id: int, one: Wanted, now: datetime) -> _Kept:
    """The clock that is meant: the last one, the last one taken up again, or the next."""
    last = cycles[-1] if cycles else None
    if last is not None:
        ended = last.clock.state in (Clock.State.STOPPED, Clock.State.VOID)
        over_at = last.last_at
        if not (ended and over_at is not None and _goes_on(one, over_at)):
            return last
        if one.again == "continue" and last.clock.state == Clock.State.STOPPED:
            last.append(_Happened.RESUMED, one.began, now, one.began_why)
            _retarget(last, one, one.began, now)
            return last
    number = last.clock.cycle + 1 if last else 1
    begun = _Kept(Clock(record_kind=record_kind, record_id=record_id, name=one.name, cycle=number), [])
    begun.append(_Happened.STARTED, one.began, now, one.began_why, one.terms)
    cycles.append(begun)
    return begun


def _goes_on(one: Wanted, over_at: datetime) -> bool:
    """What is wanted began after the last cycle was over; in that very second only if it is not over as well."""
    if one.state is State.VOID:
        return False
    began = _whole(one.began)
    return began > over_at or (began == over_at and one.state is not State.STOPPED)


_STEPS = {State.PAUSED: _Happened.PAUSED, State.RUNNING: _Happened.RESUMED, State.STOPPED: _Happened.STOPPED}


def _bring(kept: _Kept, one: Wanted, now: datetime) -> None:
    """Append what is missing between where the clock stands and what is wanted."""
    if not kept.all:  # imported: it has an outcome, and no history
        return
    state = read(kept.all).state
    if one.state is State.VOID:
        if state is not State.VOID:
            kept.append(_Happened.VOIDED, one.since, now, one.why)
        return
    if state in (State.STOPPED, State.VOID):
        return
    if one.state is not State.STOPPED:
        _retarget(kept, one, now, now)
    if state is not one.state:
        kept.append(_STEPS[one.state], one.since, now, one.why)


def _retarget(kept: _Kept, one: Wanted, at: datetime, now: datetime) -> None:
    """New terms from here on, where they differ from those that count; a newer version of its calendar from its own."""
    reading = kept.project()
    if reading.state not in (State.RUNNING, State.PAUSED):
        return
    held = Terms.from_json(kept.clock.terms)
    if held.calendar == one.terms.calendar and held.calendar_version != one.terms.calendar_version:
        _recounted(kept, held, one.terms, now)
        held = replace(
            held, calendar_version=one.terms.calendar_version, calendar_label=one.terms.calendar_label
        )  # fmt: skip
    if held != one.terms:
        kept.append(_Happened.RETARGETED, at, now, one.terms.agreement_label, one.terms)


def _recounted(kept: _Kept, held: Terms, anew: Terms, now: datetime) -> None:
    if anew.calendar_version is None:
        return
    since = CalendarVersion.objects.values_list("valid_from", flat=True).get(pk=anew.calendar_version)
    terms = Terms(held.target_s, anew.calendar, anew.calendar_version, anew.calendar_label)
    kept.append(_Happened.RECOUNTED, since, now, anew.calendar_label, terms)


def _store(kept: Sequence[_Kept], now: datetime) -> None:
    """Rows, events and due rows of these clocks, in few statements."""
    readings = [(one.clock, one.project()) for one in kept]
    for clock, reading in readings:
        to_come = {name for name, at in thresholds.instants(reading, Terms.from_json(clock.terms)) if at > now}
        clock.told = [name for name in clock.told if name not in to_come]
    born = [pair for pair in readings if pair[0].pk is None]
    old = [pair for pair in readings if pair[0].pk is not None]
    for clock, _ in old:
        rows.update(clock, [*(name.removesuffix("_id") for name in PROJECTED), "told"])
    Clock.objects.bulk_create([clock for clock, _ in born])
    for one in kept:
        for event in one.new:
            event.clock = one.clock
    ClockEvent.objects.bulk_create([event for one in kept for event in one.new])
    for one in kept:
        one.events, one.new = one.all, []
    if old:
        thresholds.promise(old, now)
    if born:
        thresholds.promise(born, now, are_new=True)


def _tell_due(record_kind: str, record_id: int) -> datetime | None:
    earliest = earliest_due(record_kind, record_id)
    if owner := owner_of(record_kind):
        owner.due_moved(record_id, earliest)
    return earliest


@transaction.atomic
def void(record_kind: str, record_id: int, *, at: datetime, why: str, now: datetime) -> None:
    """All clocks of a record count for nothing any more, stopped ones too: it was merged into another.

    Raises nothing.
    """
    kept = [one for cycles in _kept(record_kind, record_id).values() for one in cycles]
    for one in kept:
        if one.clock.state != Clock.State.VOID and one.events:
            one.append(_Happened.VOIDED, at, now, why)
    if changed := [one for one in kept if one.new]:
        _store(changed, now)
        _tell_due(record_kind, record_id)


def recount(calendar: Calendar, *, now: datetime, limit: int = 200) -> int:
    """The newest version of a calendar holds for the open clocks that count by an older one, from its instant on.

    Each in a transaction of its own, at most `limit` of them. Returns how many; settled ones are left alone.
    Repeatable.
    """
    version = calendar.versions.select_related("calendar").get(number=calendar.number)
    anew = Terms(None, calendar.pk, version.pk, calendars.label(version))
    behind = Clock.objects.filter(calendar=calendar, state__in=OPEN).exclude(terms__calendar_version=version.pk)
    found = list(behind.order_by("id").values_list("record_kind", "record_id").distinct()[:limit])
    for record_kind, record_id in dict.fromkeys((kind, number) for kind, number in found):
        _recount_record(record_kind, record_id, anew, now)
    return len(found)


@transaction.atomic
def _recount_record(record_kind: str, record_id: int, anew: Terms, now: datetime) -> None:
    owner = owner_of(record_kind)
    if owner is not None:
        owner.lock(record_id)
    changed: list[_Kept] = []
    for cycles in _kept(record_kind, record_id).values():
        for one in cycles:
            held = Terms.from_json(one.clock.terms)
            if one.clock.is_open and held.calendar == anew.calendar and held.calendar_version != anew.calendar_version:
                _recounted(one, held, anew, now)
                changed.append(one)
    if changed:
        _store(changed, now)
        _tell_due(record_kind, record_id)
