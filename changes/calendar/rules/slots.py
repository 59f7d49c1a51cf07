"""Free slots: where a change of some length would fit. Pure: no clock, no database; instants in UTC.

A stretch is free from a start on the grid to where something begins that would be met; it is offered once, by its first
start. Starts are looked for only now, where something blocking ends, and where a window begins that has to be kept.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

GRID = timedelta(minutes=15)
MOST_BLOCKED = 50  # starts that do not do, of which it is said why
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Busy(NamedTuple):
    """Something that a change may not meet, in [starts_at, ends_at): its kind, and how people name it."""

    starts_at: datetime
    ends_at: datetime
    kind: str
    name: str


class Span(NamedTuple):
    """[starts_at, ends_at) of a maintenance in which changes have to happen."""

    starts_at: datetime
    ends_at: datetime


class Slot(NamedTuple):
    """A change may start at `start`; what begins there has to be over by `free_until`."""

    start: datetime
    free_until: datetime


class Blocked(NamedTuple):
    """A start that was looked at and does not do, and what it would meet; None: no maintenance holds it."""

    start: datetime
    by: Busy | None


class Found(NamedTuple):
    """The first slots, and why no earlier start is one."""

    slots: tuple[Slot, ...]
    blocked_by: tuple[Blocked, ...]


def free_slots(
    now: datetime,
    lasts: timedelta,
    blocking: Sequence[Busy],
    demanded: Sequence[Span] | None = None,
    *,
    horizon: datetime,
    most: int = 3,
) -> Found:
    """The first free stretches that begin before `horizon`. `demanded`: None where no maintenance has to be kept."""
    busy = _Timeline(one for one in blocking if one.ends_at > now)
    kept = None if demanded is None else joined(demanded)
    slots: list[Slot] = []
    blocked: list[Blocked] = []
    for start in _candidates(now, busy, kept or (), horizon):
        if slots and start < slots[-1].free_until:
            continue  # of a stretch that was offered
        ends, coming = _kept_until(start, kept, horizon), busy.from_(start)
        met = coming if coming and ends and coming.starts_at < start + lasts else None
        if ends is None or met or start + lasts > ends:
            blocked.append(Blocked(start, met))
            continue
        slots.append(Slot(start, min(coming.starts_at, ends) if coming else ends))
        if len(slots) == most:
            break
    return Found(tuple(slots), tuple(blocked[:MOST_BLOCKED]))


class _Timeline:
    """What is busy, in the order of its starts, and for each how far it and those before it go."""

    def __init__(self, busy: Iterable[Busy]) -> None:
        self.all = sorted(busy)
        self._reached = list(accumulate((one.ends_at for one in self.all), max))

    def from_(self, start: datetime) -> Busy | None:
        """What goes on at `start`, or begins next. The first to reach beyond it is the first of those that do."""
        place = bisect_right(self._reached, start)
        return self.all[place] if place < len(self.all) else None


def _candidates(now: datetime, busy: _Timeline, kept: Sequence[Span], horizon: datetime) -> list[datetime]:
    looked_at = {now, *(one.ends_at for one in busy.all), *(one.starts_at for one in kept if one.starts_at > now)}
    return sorted({rounded for one in looked_at if (rounded := rounded_up(one)) < horizon})


def rounded_up(instant: datetime) -> datetime:
    """The next instant of the grid, or this one."""
    return instant + (_EPOCH - instant) % GRID


def _kept_until(start: datetime, kept: Sequence[Span] | None, horizon: datetime) -> datetime | None:
    """Where the maintenance around `start` ends; the horizon where none is demanded; None outside of any."""
    if kept is None:
        return horizon
    place = bisect_right(kept, start, key=lambda one: one.starts_at) - 1
    return min(kept[place].ends_at, horizon) if place >= 0 and start < kept[place].ends_at else None


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """In order, and as one where they touch."""
    found: list[Span] = []
    for one in sorted(spans):
        if found and one.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, one.ends_at))
        else:
            found.append(Span(*one))
    return tuple(found)
