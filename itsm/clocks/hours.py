"""Opening hours: which seconds count. Pure arithmetic.

A span opens at the first reading of its local time and closes at the last. What counts are real seconds: a night
between two months of summer time has eight hours, the night in which clocks go forward has seven.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from itsm.clocks.local_time import first_reading, instant_of, last_reading, local_day, seconds_of

DAY = 24 * 60  # minutes
FURTHEST = 3_660  # days: what is not reached in ten years is never reached
Stretch = tuple[int, int]  # seconds since 1970, [begin, end)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Minutes of a local day, 0 <= begin < end <= 1440."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """What replaces a date: no span is a holiday, spans are a short day. `origin` says who named it."""

    spans: tuple[Span, ...]
    name: str = ""
    origin: str = "person"


@dataclass(frozen=True, eq=False)
class Hours:
    """A zone, the spans of each weekday (Monday first), and dates that are otherwise."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, Day] = field(default_factory=dict)
    _known: dict[date, tuple[Stretch, ...]] = field(default_factory=dict, repr=False)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans of a local date, as they are written."""
        replaced = self.days.get(day)
        return self.week[day.weekday()] if replaced is None else replaced.spans

    def open_on(self, day: date) -> tuple[Stretch, ...]:
        """When it is open on a local date, in order; what touches or overlaps is one."""
        found = self._known.get(day)
        if found is None:
            edges = (
                (first_reading(day, span.begin, self.zone), last_reading(day, span.end, self.zone))
                for span in self.spans_on(day)
            )
            found = self._known[day] = tuple(_joined(sorted(edge for edge in edges if edge[0] < edge[1])))
        return found

    def _from(self, begin: int) -> Iterator[Stretch]:
        """What is open from here on, day by day, for ten years."""
        day, reached = local_day(begin, self.zone), begin
        for _ in range(FURTHEST):
            for opened, closed in self.open_on(day):
                if closed > reached:
                    yield max(opened, reached), closed
                    reached = closed
            if day.year >= 9990:
                return
            day += timedelta(days=1)

    def opened(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """When it is open between two instants (at most ten years apart); spans that touch over midnight are one."""
        pieces = _joined(self._cut(seconds_of(begin), seconds_of(end)))
        return [(instant_of(first), instant_of(last)) for first, last in pieces]

    def _cut(self, begin: int, end: int) -> Iterator[Stretch]:
        for opened, closed in self._from(begin):
            if opened >= end:
                return
            yield opened, min(closed, end)

    def counted(self, begin: datetime, end: datetime) -> int:
        """Seconds that count between two instants; 0 where the end is not after the begin."""
        return sum(last - first for first, last in self._cut(seconds_of(begin), seconds_of(end)))

    def after(self, begin: datetime, seconds: int) -> datetime | None:
        """The first instant by which so many seconds have counted; None where ten years do not hold them.

        That is the close of a span, not the next opening; for 0 it is `begin`.
        """
        if seconds <= 0:
            return begin
        left = seconds
        for opened, closed in self._from(seconds_of(begin)):
            if closed - opened >= left:
                return instant_of(opened + left)
            left -= closed - opened
        return None

    def next_open(self, at: datetime) -> datetime | None:
        """`at` where it is open then, else the next opening; None where it never opens again."""
        for opened, _closed in self._from(seconds_of(at)):
            return instant_of(opened)
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether the second that begins at `at` counts."""
        return self.counted(at, at + timedelta(seconds=1)) == 1

    def end_of_working_day(self, at: datetime, number: int) -> datetime | None:
        """The close of the nth working day after the local day of `at`; None where ten years do not have so many."""
        day, left = local_day(seconds_of(at), self.zone), number
        for _ in range(FURTHEST):
            if day.year >= 9990:
                return None
            day += timedelta(days=1)
            if opened := self.open_on(day):
                left -= 1
                if left <= 0:
                    return instant_of(opened[-1][1])
        return None

    def longest_day(self) -> int:
        """Minutes of the longest weekday, as it is written: what people may mean by a day of this calendar."""
        return max(sum(span.end - span.begin for span in spans) for spans in self.week)


def _joined(stretches: Iterator[Stretch] | list[Stretch]) -> Iterator[Stretch]:
    """Those that touch or overlap as one. They come in order."""
    current: Stretch | None = None
    for begin, end in stretches:
        if current is not None and begin <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = begin, end
    if current is not None:
        yield current


def overlap(spans: tuple[Span, ...]) -> tuple[Span, Span] | None:
    """Two spans of a day that share a minute, or None. Touching ones share none."""
    for one, other in pairwise(sorted(spans)):
        if other.begin < one.end:
            return one, other
    return None


def always(zone: str = "UTC") -> Hours:
    """Every second counts: what holds where nobody said anything."""
    return Hours(ZoneInfo(zone), ((Span(0, DAY),),) * 7)
