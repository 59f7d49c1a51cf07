"""Every write to clocks. Whoever calls holds the record's row; the clocks are locked here, after it.

Events are appended and the row becomes their fold, in the caller's transaction: nothing is written to a clock's row
that its events do not say. Clocks are kept by Headroom itself, from what people do to records, so no operation asks who
acts; what people did stands in the record's history.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from django.db import transaction

from itsm.clocks import calendars
from itsm.clocks.algebra import State
from itsm.clocks.kept import KeptClock, kept_clocks, store, tell_due, whole_seconds
from itsm.clocks.models import Calendar, CalendarVersion, Clock, ClockEvent
from itsm.clocks.owners import owner_of
from itsm.clocks.reading import read
from itsm.clocks.terms import Terms
from itsm.clocks.wanted import Wanted

OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)
_Happened = ClockEvent.Happened


@transaction.atomic(savepoint=False)
def follow(
    record_kind: str,
    record_id: int,
    wanted: Sequence[Wanted],
    *,
    now: datetime,
    known: dict[str, list[KeptClock]] | None = None,
) -> datetime | None:
    """Bring the clocks of a record to where it wants them, by the events that are missing. Repeatable.

    `now` is when it is noted; what happened earlier counts from then. The caller holds the record. Returns the earliest
    due of its running clocks, None where none is due, as told to the record's owner (`due_moved`). `known`: its clocks,
    where the caller read them (`kept_clocks`) in this transaction; none of a record that was just made. Raises nothing.
    """
    known = kept_clocks(record_kind, record_id) if known is None else known
    touched: dict[int, KeptClock] = {}
    for one in wanted:
        cycles = known.setdefault(one.name, [])
        if cycles or one.state is not State.VOID:
            _bring(_cycle(cycles, record_kind, record_id, one, now), one, now)
        touched.update({id(kept): kept for kept in cycles if kept.new})
    if touched:
        store(list(touched.values()), now)
    return tell_due(record_kind, record_id, chain(*known.values()))


def _cycle(cycles: list[KeptClock], record_kind: str, record_id: int, one: Wanted, now: datetime) -> KeptClock:
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
    begun = KeptClock(Clock(record_kind=record_kind, record_id=record_id, name=one.name, cycle=number), [])
    begun.append(_Happened.STARTED, one.began, now, one.began_why, one.terms)
    cycles.append(begun)
    return begun


def _goes_on(one: Wanted, over_at: datetime) -> bool:
    """What is wanted began after the last cycle was over; in that very second only if it is not over as well."""
    if one.state is State.VOID:
        return False
    began = whole_seconds(one.began)
    return began > over_at or (began == over_at and one.state is not State.STOPPED)


_STEPS = {State.PAUSED: _Happened.PAUSED, State.RUNNING: _Happened.RESUMED, State.STOPPED: _Happened.STOPPED}


def _bring(kept: KeptClock, one: Wanted, now: datetime) -> None:
    """Append what is missing between where the clock stands and what is wanted."""
    if not kept.all:  # imported: it has an outcome, and no history
        return
    has_just_begun = len(kept.all) == 1
    state = State.RUNNING if has_just_begun else read(kept.all).state
    if one.state is State.VOID:
        if state is not State.VOID:
            kept.append(_Happened.VOIDED, one.since, now, one.why)
        return
    if state in (State.STOPPED, State.VOID):
        return
    if one.state is not State.STOPPED and kept.events:
        _retarget(kept, one, now, now)
    if state is not one.state:
        kept.append(_STEPS[one.state], one.since, now, one.why)


def _retarget(kept: KeptClock, one: Wanted, at: datetime, now: datetime) -> None:
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


def _recounted(kept: KeptClock, held: Terms, anew: Terms, now: datetime) -> None:
    if anew.calendar_version is None:
        return
    since = CalendarVersion.objects.values_list("valid_from", flat=True).get(pk=anew.calendar_version)
    terms = Terms(held.target_s, anew.calendar, anew.calendar_version, anew.calendar_label)
    kept.append(_Happened.RECOUNTED, since, now, anew.calendar_label, terms)


@transaction.atomic
def void(record_kind: str, record_id: int, *, at: datetime, why: str, now: datetime) -> None:
    """All clocks of a record count for nothing any more, stopped ones too: it was merged into another.

    Raises nothing.
    """
    kept = [one for cycles in kept_clocks(record_kind, record_id).values() for one in cycles]
    for one in kept:
        if one.clock.state != Clock.State.VOID and one.events:
            one.append(_Happened.VOIDED, at, now, why)
    if changed := [one for one in kept if one.new]:
        store(changed, now)
        tell_due(record_kind, record_id, kept)


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
    changed: list[KeptClock] = []
    known = kept_clocks(record_kind, record_id)
    for cycles in known.values():
        for one in cycles:
            held = Terms.from_json(one.clock.terms)
            if one.clock.is_open and held.calendar == anew.calendar and held.calendar_version != anew.calendar_version:
                _recounted(one, held, anew, now)
                changed.append(one)
    if changed:
        store(changed, now)
        tell_due(record_kind, record_id, chain(*known.values()))
