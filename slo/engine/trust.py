"""How far a series of measurements can be trusted: marks that lower it, each found from a bounded look at its past.

A mark says that the numbers behave as no healthy source does. It accuses nobody: it asks that a person looks before
a change goes on the strength of these numbers. Every rule compares a series with its own past, so nothing has to be
set up, and what was always constant, rare or noisy stays unmarked. Counts are in thousandths of an event, minutes
since 1970.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from statistics import median

from slo.engine.prefix import Counts, Sums


class Mark(StrEnum):
    """What lowers trust, the gravest first."""

    IMPOSSIBLE = "impossible"  # more good events than events, below zero, no number, a thousand times the usual
    VANISHED = "vanished"  # events fell to nothing where there always were some
    FLAT = "flat"  # the same measurement over and over where it used to vary
    SELF_MEASURED = "self_measured"  # who asks also measures: known only when somebody asks
    DELAYED = "delayed"  # measurements come late as a habit
    THIN = "thin"  # too few minutes, or too few events, to say anything
    FAILURES_VANISHED = "failures_vanished"  # not one failure more where there always were some


# What each mark takes from what is left. One of the graver ones is enough to ask for a person (`Limits.trust_from`).
LOWERS: Mapping[Mark, Decimal] = {
    Mark.IMPOSSIBLE: Decimal("0.5"),
    Mark.VANISHED: Decimal("0.5"),
    Mark.FLAT: Decimal("0.5"),
    Mark.SELF_MEASURED: Decimal("0.5"),
    Mark.DELAYED: Decimal("0.3"),
    Mark.THIN: Decimal("0.3"),
    Mark.FAILURES_VANISHED: Decimal("0.2"),
}
HOUR, DAY, WEEK = 60, 1440, 7 * 1440

HOLDS_MINUTES = 60  # so long an impossible measurement is held against its source
TOO_MUCH = 1000  # times the usual minute
LATE_SECONDS = 300  # half of what a source may be silent
LATEST_SECONDS = 1200  # no look counts as later than that, so that an outage is forgotten within half an hour
ENOUGH_OF_A_DAY, ENOUGH_OF_AN_HOUR = Decimal("0.75"), Decimal("0.5")
MIN_EVENTS = 10  # a day
EXPECTED = 20  # events that must be missing before nothing means something
SLIVER = 20  # a twentieth of what is expected is as good as nothing
SAME_SAMPLES, SAME_MINUTES = 24, 60
BY_CHANCE = 1e-6

# How far back from the newest measurement the sums are needed, in minutes.
STRETCHES = (15, 30, HOUR, 2 * HOUR)
YESTERDAY = tuple(hours * HOUR for hours in (22, 23, 24, 25))
LOOKS = (0, *STRETCHES, *(hours * HOUR for hours in range(3, 26)), WEEK, WEEK + HOUR)


@dataclass(frozen=True, slots=True)
class Run:
    """The newest values of an indicator that compares or takes values: how long they have been the very same.

    `last` is the value as text; `newest` and `since` are minutes; `samples` in the run, `longest` of all runs that
    ended before, `seen` in all.
    """

    last: str = ""
    newest: int = -1
    since: int = -1
    samples: int = 0
    longest: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Recent:
    """What is known of one indicator at an instant.

    until: the end of its newest measured minute; began: its first one; step: minutes between measurements.
    before: minutes back from `until` (`LOOKS`) -> everything counted before that instant.
    newest, yesterday: minute -> counts of the last hours and of the same hour a day before; empty where not read.
    late_seconds: how late measurements usually come. impossible: (first, last) minute in which such were refused.
    """

    until: int
    began: int
    step: int
    before: Mapping[int, Sums]
    newest: Mapping[int, Counts] = field(default_factory=dict)
    yesterday: Mapping[int, Counts] = field(default_factory=dict)
    late_seconds: int = 0
    impossible: tuple[int, int] | None = None
    run: Run | None = None

    def between(self, older: int, newer: int = 0) -> Sums:
        """What was measured from so many minutes back until so many."""
        return self.before[newer].minus(self.before[older])

    def reaches(self, back: int) -> bool:
        """Whether what is held begins so many minutes before its end, or earlier."""
        return self.until - back >= self.began


@dataclass(frozen=True, slots=True)
class Marked:
    """One mark and the minute since which it holds."""

    mark: Mark
    since: int


def trust_of(marks: Iterable[Mark]) -> Decimal:
    """1 is unmarked; each different mark takes its share of what is left."""
    left = Decimal(1)
    for mark in set(marks):
        left *= 1 - LOWERS[mark]
    return left


def marked(recent: Recent, minute: int, known: Mapping[Mark, int]) -> list[Marked]:
    """The marks at this minute, the gravest first. `known`: those that held at the last look, and since when.

    What is still as it was marked stays marked, however long it lasts: else a fault would become the usual.
    """
    found = {
        Mark.IMPOSSIBLE: _impossible(recent, minute),
        Mark.VANISHED: _vanished(recent, Mark.VANISHED in known),
        Mark.FLAT: _flat(recent, Mark.FLAT in known),
        Mark.DELAYED: recent.until if recent.late_seconds > LATE_SECONDS else None,
        Mark.THIN: _thin(recent),
        Mark.FAILURES_VANISHED: _failures_vanished(recent),
    }
    return [Marked(mark, min(known.get(mark, since), since)) for mark in Mark if (since := found.get(mark)) is not None]


def may_be_odd(recent: Recent) -> bool:
    """Whether single minutes must be read to tell: the halves of the last hour are alike, or it holds far too much."""
    halves = recent.between(HOUR, 30), recent.between(30)
    return halves[0] == halves[1] or recent.between(HOUR).total > 8 * HOUR * _usual_minute(recent)


def run_after(run: Run, values: Sequence[tuple[int, Decimal]]) -> Run:
    """The run after these values (minute, value) came; what is not newer than all before is left aside."""
    for minute, value in sorted(values):
        if minute <= run.newest:
            continue
        text = f"{value.normalize():f}"[:60]
        if text == run.last:
            run = Run(text, minute, run.since, run.samples + 1, run.longest, run.seen + 1)
        else:
            run = Run(text, minute, minute, 1, max(run.longest, run.samples), run.seen + 1)
    return run


def usually_late(before: int, late_seconds: int) -> int:
    """A moving average over the looks: a quarter of it is the newest."""
    return (3 * before + min(max(late_seconds, 0), LATEST_SECONDS)) // 4


def _impossible(recent: Recent, minute: int) -> int | None:
    if recent.impossible is not None and minute - recent.impossible[1] <= HOLDS_MINUTES:
        return recent.impossible[0]
    usual = _usual_minute(recent)
    return next((at for at, one in sorted(recent.newest.items()) if usual and one.total > TOO_MUCH * usual), None)


def _usual_minute(recent: Recent) -> int:
    """Events of a usual measured minute of the day before the last hour; 0 where too little was measured."""
    hours = [recent.between(back + HOUR, back) for back in range(HOUR, DAY, HOUR) if recent.reaches(back + HOUR)]
    rates = [one.total // one.valid for one in hours if one.valid]
    return int(median(rates)) if len(rates) >= 2 else 0


def _usually(recent: Recent, counted: str) -> Decimal | None:
    """Events a minute at this time of the day: the least of yesterday's hours around it and the one a week ago."""
    hours = [recent.between(back + HOUR, back) for back in YESTERDAY[:-1] if recent.reaches(back + HOUR)]
    if recent.reaches(WEEK + HOUR):
        hours.append(recent.between(WEEK + HOUR, WEEK))
    rates = [
        Decimal(getattr(one, counted)) / (one.valid * recent.step) for one in hours if one.valid * recent.step > 30
    ]
    return min(rates) if len(rates) >= 2 else None


def _vanished(recent: Recent, is_known: bool) -> int | None:
    last = recent.between(HOUR)
    if is_known and last.valid and not last.total:
        return recent.until - HOUR
    usually = _usually(recent, "total")
    if usually is None:
        return None
    for back in STRETCHES[:3]:
        seen = recent.between(back)
        expected = usually * seen.valid * recent.step
        if expected >= EXPECTED * 1000 and seen.total * SLIVER < expected:
            return recent.until - back
    return None


def _failures_vanished(recent: Recent) -> int | None:
    usually, seen = _usually(recent, "bad"), recent.between(2 * HOUR)
    if usually is None or seen.bad or usually * seen.valid * recent.step < EXPECTED * 1000:
        return None
    return recent.until - 2 * HOUR


def _flat(recent: Recent, is_known: bool) -> int | None:
    """Values are compared as they came: that a value keeps to one side of its threshold says nothing."""
    run = recent.run
    if run is not None:
        is_long = run.seen > 4 * SAME_SAMPLES and run.samples >= max(SAME_SAMPLES, 4 * run.longest)
        return run.since if is_long and run.newest - run.since >= SAME_MINUTES else None
    minutes = sorted(recent.newest)
    if not minutes or not recent.newest[minutes[-1]].total:
        return None
    same = recent.newest[minutes[-1]]
    tail = list(takewhile(lambda minute: recent.newest[minute] == same, reversed(minutes)))
    if len(tail) < SAME_SAMPLES or tail[0] - tail[-1] < SAME_MINUTES - recent.step:
        return None
    others = [*(recent.newest[minute] for minute in minutes[: -len(tail)]), *recent.yesterday.values()]
    return tail[-1] if is_known or _is_no_chance(same, others, len(tail)) else None


def _is_no_chance(same: Counts, others: Collection[Counts], samples: int) -> bool:
    """So many alike in a row are no chance, as often as a minute otherwise has as many events.

    All failing or none failing is no sign by itself: it is an outage, or a good hour.
    """
    if len(others) < SAME_SAMPLES:
        return False
    share = (sum(one.total == same.total for one in others) + 1) / (len(others) + 2)
    return share ** (samples - 1) < BY_CHANCE


def _thin(recent: Recent) -> int | None:
    age = recent.until - recent.began
    if age < HOUR:
        return None
    last, day = recent.between(HOUR), recent.between(DAY)
    if last.valid * recent.step < ENOUGH_OF_AN_HOUR * HOUR:
        return recent.until - HOUR
    if day.valid * recent.step < ENOUGH_OF_A_DAY * min(DAY, age):
        return recent.until - DAY
    return recent.until - DAY if age >= DAY and day.total < MIN_EVENTS * 1000 else None
