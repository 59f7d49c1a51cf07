"""Why a clock is due then: what counted and what did not, row by row, so that the sum can be added up by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from itsm.clocks.algebra import Event, Happened, Reading, bases_of, fold, unsettled
from itsm.clocks.durations import written
from itsm.clocks.hours import Hours
from itsm.clocks.local_time import first_reading, instant_of, local_day, seconds_of
from itsm.clocks.models import Clock
from itsm.clocks.reading import as_event

MAX_ROWS = 200
_words: dict[str, Any] = {}
_TURNS = (Happened.STARTED, Happened.PAUSED, Happened.RESUMED, Happened.STOPPED, Happened.VOIDED)


@dataclass(frozen=True, slots=True)
class WhyRow:
    """A stretch or an instant (`end` None). `what`: counted, paused, off, target, recounted, stopped, void, to_come,
    due. `seconds` that counted, or will.
    """

    begin: datetime
    end: datetime | None
    what: str
    seconds: int | None
    text: str


def tells(words: Mapping[str, Any]) -> None:
    """What people read of the reasons that an app gives for its clocks. Called in `ready()`."""
    _words.update(words)


def _said(why: str) -> str:
    return str(_words.get(why, why))


def why(clock: Clock, now: datetime) -> list[WhyRow]:
    """The rows of a stored clock, up to its due. One query, and one for each version of a calendar not known here."""
    return rows_of([as_event(one) for one in clock.events.order_by("id")], now)


def rows_of(events: Sequence[Event], now: datetime) -> list[WhyRow]:
    """The same of events. Counted rows add up to what has elapsed by `now`, those to come to what is left."""
    known = unsettled(events)
    if not known:
        return []
    reading = fold(known)
    found: list[WhyRow] = []
    turns = [one for one in known if one.happened is not Happened.RECOUNTED]
    for place, event in enumerate(turns):
        until = turns[place + 1].at if place + 1 < len(turns) else None
        found += _instants(known, turns[: place + 1])
        found += _stretch(known, turns[: place + 1], event.at, until, now)
    found += [
        WhyRow(one.at, None, "recounted", None, gettext("counted anew by %(label)s") % {"label": one.why})
        for one in known
        if one.happened is Happened.RECOUNTED
    ]
    found += _to_come(reading, now)
    return sorted(found, key=lambda row: row.begin)[:MAX_ROWS]


def _instants(known: Sequence[Event], so_far: Sequence[Event]) -> Iterator[WhyRow]:
    """What is said of the last of these events itself."""
    event = so_far[-1]
    match event.happened:
        case Happened.RETARGETED:
            reading = fold([one for one in known if one in so_far or one.happened is Happened.RECOUNTED])
            yield WhyRow(event.at, None, "target", None, _new_target(event, reading))
        case Happened.STOPPED:
            yield WhyRow(event.at, None, "stopped", None, _said(event.why))
        case Happened.VOIDED:
            yield WhyRow(event.at, None, "void", None, _said(event.why))


def _new_target(event: Event, reading: Reading) -> str:
    if reading.target_s is None:
        return gettext("no target any more")
    left = max(0, reading.target_s - reading.counted_s)
    words = {
        "label": event.why, "target": written(reading.target_s // 60), "used": written(reading.counted_s // 60),
        "left": written(left // 60),
    }  # fmt: skip
    if reading.by_change and not left:
        return gettext("%(label)s: new target %(target)s; %(used)s were used already, so it is breached now") % words
    return gettext("%(label)s: new target %(target)s; %(used)s used stays, %(left)s left") % words


def _stretch(
    known: Sequence[Event], so_far: Sequence[Event], begin: datetime, until: datetime | None, now: datetime
) -> Iterator[WhyRow]:
    """What passed between this event and the next one, or now."""
    turn = next(one for one in reversed(so_far) if one.happened in _TURNS)
    end = max(begin, now) if until is None else until
    if turn.happened in (Happened.STOPPED, Happened.VOIDED) or begin >= end:
        return
    if turn.happened is Happened.PAUSED:
        if so_far[-1] is turn:
            yield WhyRow(begin, until, "paused", None, _said(turn.why))
        return
    text = _said(turn.why) if so_far[-1] is turn else ""
    for since, last, hours in _cuts(known, begin, end):
        for row in _days(hours, since, last, "counted"):
            yield WhyRow(row.begin, row.end, row.what, row.seconds, row.text or text)
            text = text if row.what == "off" else ""


def _cuts(known: Sequence[Event], begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Hours]]:
    bases = bases_of(known)
    for place, (since, basis) in enumerate(bases):
        until = bases[place + 1][0] if place + 1 < len(bases) else end
        first, last = max(since, begin), min(until, end)
        if first < last:
            yield first, last, basis.hours


def _days(hours: Hours, begin: datetime, end: datetime, what: str) -> Iterator[WhyRow]:
    """A row for days in a row that count, another for whole days in a row that do not."""
    day, last_day = local_day(seconds_of(begin), hours.zone), local_day(seconds_of(end) - 1, hours.zone)
    group: list[tuple[datetime, datetime, int, str]] = []
    counts = False
    while day <= last_day:
        first = max(begin, instant_of(first_reading(day, 0, hours.zone)))
        last = min(end, instant_of(first_reading(day + timedelta(days=1), 0, hours.zone)))
        seconds = hours.counted(first, last)
        whole = bool(hours.open_on(day)) or last - first >= timedelta(hours=22)
        if whole or seconds:
            if group and counts != bool(seconds) and (seconds or not hours.open_on(day)):
                yield _group(group, counts, what)
                group = []
            if seconds or not hours.open_on(day):
                counts = bool(seconds)
                opened = hours.opened(first, last)
                name = hours.days[day].name if day in hours.days else ""
                group.append((opened[0][0], opened[-1][1], seconds, name) if opened else (first, last, 0, name))
        day += timedelta(days=1)
    if group:
        yield _group(group, counts, what)


def _group(group: Sequence[tuple[datetime, datetime, int, str]], counts: bool, what: str) -> WhyRow:
    begin, end, seconds = group[0][0], group[-1][1], sum(one[2] for one in group)
    if counts:
        return WhyRow(begin, end, what, seconds, "")
    names = [name for *_, name in group if name]
    text = gettext("no opening hours")
    if names:
        both = {"first": names[0], "last": names[-1]}
        text = names[0] if len(names) == 1 else gettext("%(first)s to %(last)s") % both
    return WhyRow(begin, end, "off", 0, text)


def _to_come(reading: Reading, now: datetime) -> Iterator[WhyRow]:
    """What is left until the due, or when it passed: of a clock that is paused or stopped too."""
    due_at = reading.reached_at or reading.due_at
    if due_at is None:
        return
    if reading.hours is not None and reading.running_since is not None:
        since = max(now, reading.running_since)
        if since < due_at:
            yield from _days(reading.hours, since, due_at, "to_come")
    yield WhyRow(due_at, None, "due", None, gettext("due"))
