"""Trust in a series: twelve faults are found, what is healthy, constant, rare or noisy stays unmarked."""

import csv
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from math import cos, pi
from random import Random

import pytest

from slo.engine.prefix import Counts, Sums
from slo.engine.samples import epoch_minute
from slo.engine.trust import (
    DAY,
    HOUR,
    LOOKS,
    LOWERS,
    Mark,
    Marked,
    Recent,
    Run,
    marked,
    may_be_odd,
    run_after,
    trust_of,
    usually_late,
)
from tests.slo.measuring.test_nab import NAB, SERIES

START = 29_000_000 - 29_000_000 % DAY  # a midnight
NOW = START + 10 * DAY + 14 * HOUR
Series = dict[int, Counts]


class Past:
    """A series in memory, looked at as the database looks at it."""

    def __init__(self, series: Mapping[int, Counts], step: int = 1) -> None:
        self.minutes, self.step, self.series = sorted(series), step, series
        self.sums = [Sums()]
        for minute in self.minutes:
            self.sums.append(self.sums[-1].plus(Sums(*series[minute], 1)))

    def recent(self, at: int) -> Recent:
        place = bisect_left(self.minutes, at)
        until = self.minutes[place - 1] + 1
        before = {back: self.sums[bisect_left(self.minutes, until - back)] for back in LOOKS}
        found = Recent(until, self.minutes[0] - self.step + 1, self.step, before)
        if not may_be_odd(found):
            return found
        newest, yesterday = self.hours(until - 5 * HOUR, until), self.hours(until - DAY - HOUR, until - DAY + HOUR)
        return replace(found, newest=newest, yesterday=yesterday)

    def hours(self, first: int, end: int) -> Series:
        places = range(bisect_left(self.minutes, first), bisect_left(self.minutes, end))
        return {self.minutes[place]: self.series[self.minutes[place]] for place in places}


def traffic(seed: int = 1, *, until: int = NOW, mean: float = 400, bad: float = 0.004, step: int = 1) -> Series:
    """Ten days of a shop: quiet nights, busy days, some failures, all in thousandths."""
    dice, found = Random(seed), {}
    for minute in range(START + step - 1, until, step):
        busy = mean * (1.1 - cos(2 * pi * (minute % DAY) / DAY)) * step
        total = max(0, round(dice.gauss(busy, busy**0.5)))
        failed = sum(dice.random() < bad for _ in range(total)) if total < 60 else round(dice.gauss(total * bad, 1))
        found[minute] = Counts(1000 * min(total, max(0, failed)), 1000 * total)
    return found


def marks(series: Mapping[int, Counts], at: int = NOW, *, step: int = 1, known: Iterable[Mark] = ()) -> set[Mark]:
    found = marked(Past(series, step).recent(at), at, dict.fromkeys(known, at))
    return {one.mark for one in found}


def since(series: Series, first: int, change: object) -> Series:
    """The series with every minute from `first` on changed; None leaves a minute out."""
    changed = {minute: change(minute, counts) if minute >= first else counts for minute, counts in series.items()}  # type: ignore[operator]
    return {minute: counts for minute, counts in changed.items() if counts is not None}


SHOP = traffic()
STUCK = SHOP[NOW - 2 * HOUR]

# What is done to the last hours of a healthy series, and the mark that must come of it.
FAULTS: dict[str, tuple[Mark, Series]] = {
    "a minute holds more than a thousand times the usual": (
        Mark.IMPOSSIBLE,
        since(SHOP, NOW - 20, lambda m, c: Counts(0, c.total * 2000) if m == NOW - 10 else c),
    ),
    "events fall to nothing": (Mark.VANISHED, since(SHOP, NOW - 20, lambda m, c: Counts(0, 0))),
    "one of fifty instances is still counted": (
        Mark.VANISHED,
        since(SHOP, NOW - 30, lambda m, c: Counts(c.bad // 50, c.total // 50)),
    ),
    "the counters stand still": (Mark.FLAT, since(SHOP, NOW - 90, lambda m, c: STUCK)),
    "failures are no longer counted": (
        Mark.FAILURES_VANISHED,
        since(SHOP, NOW - 125, lambda m, c: Counts(0, c.total)),
    ),
    "every third minute is there": (Mark.THIN, since(SHOP, NOW - 90, lambda m, c: None if m % 3 else c)),
    "the source answers ten minutes of each half hour": (
        Mark.THIN,
        since(SHOP, NOW - DAY, lambda m, c: c if m % 30 < 10 else None),
    ),
    "a day with hardly an event": (Mark.THIN, since(SHOP, NOW - DAY, lambda m, c: Counts(0, 1000 * (m % 240 == 0)))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_injected_fault_is_found(fault: str) -> None:
    mark, series = FAULTS[fault]
    assert mark not in marks(SHOP)
    assert mark in marks(series)


@pytest.mark.parametrize("impossible", ["now", "an hour ago"])
def test_refused_samples_are_held_against_their_source_for_an_hour(impossible: str) -> None:
    """More good events than events, fewer than none, no number: refused at the door, and remembered."""
    last = NOW if impossible == "now" else NOW - HOUR
    recent = replace(Past(SHOP).recent(NOW), impossible=(NOW - 3 * HOUR, last))
    assert marked(recent, NOW, {}) == [Marked(Mark.IMPOSSIBLE, NOW - 3 * HOUR)]
    assert marked(recent, NOW + HOUR + 1, {}) == []


@pytest.mark.parametrize(("lateness", "is_habit"), [([420] * 8, True), ([60, 540] * 9, True), ([60] * 40, False)])
def test_lateness_is_a_habit_when_most_looks_say_so(lateness: Sequence[int], is_habit: bool) -> None:
    """Always seven minutes late; in batches; and as it should be."""
    seconds = 0
    for late in lateness:
        seconds = usually_late(seconds, late)
    recent = replace(Past(SHOP).recent(NOW), late_seconds=seconds)
    assert bool(marked(recent, NOW, {})) is is_habit


def test_an_outage_of_the_source_is_forgotten_in_half_an_hour() -> None:
    seconds = 0
    for late in [*[3600] * 50, *[60] * 6]:
        seconds = usually_late(seconds, late)
    assert seconds < 300


def test_a_value_that_used_to_vary_and_stands_still_is_flat() -> None:
    dice = Random(3)
    run = run_after(Run(), [(minute, Decimal(dice.randrange(40, 60))) for minute in range(START, START + DAY)])
    varies = replace(Past(SHOP).recent(NOW), run=run)
    assert marked(varies, NOW, {}) == []
    stuck = run_after(run, [(minute, Decimal(47)) for minute in range(START + DAY, START + DAY + 61)])
    assert [one.mark for one in marked(replace(varies, run=stuck), NOW, {})] == [Mark.FLAT]


def test_late_values_do_not_end_a_run() -> None:
    run = run_after(Run(), [(10, Decimal("1.50")), (11, Decimal("1.5"))])
    assert run_after(run, [(5, Decimal(9))]) == run
    assert (run.samples, run.since, run.newest) == (2, 10, 11)


def test_what_was_always_so_is_no_fault() -> None:
    """A probe, a nightly job, a service that sleeps at night, one that fails now and then, a healthy newcomer."""
    probe = {minute: Counts(0, 1000) for minute in range(START, NOW)}
    failing = since(probe, NOW - 90, lambda m, c: Counts(1000, 1000))
    steady = {minute: Counts(0, 10_000 if minute % 50 else 9_000) for minute in range(START, NOW)}
    asleep = {m: Counts(0, 0) if m % DAY < 7 * HOUR else c for m, c in SHOP.items()}
    sleeping_now = {m: c for m, c in asleep.items() if m < NOW - 10 * HOUR}
    young = {minute: counts for minute, counts in SHOP.items() if minute >= NOW - 2 * HOUR}
    for series in (probe, failing, steady, asleep, young):
        assert marks(series) == set()
    assert marks(sleeping_now, NOW - 10 * HOUR) == set()


@pytest.mark.parametrize("seed", range(3))
def test_a_healthy_day_is_not_marked(seed: int) -> None:
    past = Past(traffic(seed, mean=(3, 60, 2000)[seed]))
    found = [marked(past.recent(at), at, {}) for at in range(NOW - DAY, NOW, 7)]
    assert not any(found)


def test_an_outage_is_not_a_fault_of_the_measurement() -> None:
    """All requests fail for two hours: the numbers say so, and are believed."""
    assert marks(since(SHOP, NOW - 120, lambda m, c: Counts(c.total, c.total))) == set()


def test_a_mark_stays_while_nothing_changes_and_goes_when_it_does() -> None:
    silent = since(SHOP, NOW - 2 * DAY, lambda m, c: Counts(0, 0))
    assert Mark.VANISHED not in marks(silent)
    assert Mark.VANISHED in marks(silent, known=[Mark.VANISHED])
    assert Mark.VANISHED not in marks(SHOP, known=[Mark.VANISHED])
    flat = since(SHOP, NOW - 2 * DAY, lambda m, c: STUCK)
    assert Mark.FLAT in marks(flat, known=[Mark.FLAT])
    assert Mark.FLAT not in marks(SHOP, known=[Mark.FLAT])


def test_trust_is_what_the_marks_leave() -> None:
    assert trust_of([]) == 1
    assert trust_of([Mark.THIN, Mark.THIN]) == Decimal("0.7")
    assert trust_of([Mark.FLAT, Mark.DELAYED]) == Decimal("0.35")
    assert set(LOWERS) == set(Mark)


nab = pytest.mark.skipif(not NAB.is_dir(), reason="../shared/data/nab is not here: the NAB series are not tested")


def nab_values(name: str) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for line in csv.DictReader((NAB / f"{name}.csv").read_text().splitlines()):
        minute = epoch_minute(datetime.fromisoformat(line["timestamp"]).replace(tzinfo=UTC))
        found.setdefault(minute - minute % 5 + 4, Decimal(line["value"]))
    return found


def walk(past: Past, values: Mapping[int, Decimal] | None = None) -> tuple[list[int], Counter[Mark], int]:
    """Look after every measurement, as the sweep does: (marked minutes, marks, looks)."""
    hits, counted, known, run = [], Counter[Mark](), dict[Mark, int](), Run()
    for minute in past.minutes:
        recent = past.recent(minute + 1)
        if values is not None:
            run = run_after(run, [(minute, values[minute])])
            recent = replace(recent, run=run)
        found = marked(recent, minute + 1, known)
        known = {one.mark: one.since for one in found}
        counted.update(known)
        hits += [minute] if found else []
    return hits, counted, len(past.minutes)


@nab
def test_at_most_one_in_a_hundred_looks_at_the_clean_real_series_is_marked() -> None:
    """As Headroom would be told of them: values against a bound."""
    marked_looks = looks = 0
    for name, (op, bound) in SERIES.items():
        values, limit = nab_values(name), Decimal(bound)
        good = {"lte": limit.__ge__, "lt": limit.__gt__, "gte": limit.__le__}[op]
        hits, _, count = walk(Past({m: Counts(0 if good(v) else 1000, 1000) for m, v in values.items()}, 5), values)
        assert len(hits) * 100 <= count, name
        marked_looks, looks = marked_looks + len(hits), looks + count
    assert looks > 16_000
    assert marked_looks * 1000 <= looks


@nab
@pytest.mark.parametrize("name", SERIES)
def test_as_counts_of_events_only_a_real_end_of_traffic_is_marked(name: str) -> None:
    """One of the four truly falls to nothing at the end (its instances were shut down), and that is found."""
    values = nab_values(name)
    hits, counted, count = walk(Past({m: Counts(0, int(v * 1000)) for m, v in values.items()}, 5))
    ends = min((minute for minute, value in values.items() if not value), default=None)
    before = [minute for minute in hits if ends is None or minute < ends - HOUR]
    assert len(before) * 100 <= count
    assert (counted[Mark.VANISHED] > 0) is (ends is not None)


@nab
@pytest.mark.parametrize("name", SERIES)
def test_faults_in_the_real_series_are_found(name: str) -> None:
    values = nab_values(name)
    minutes = sorted(values)
    middle = minutes[len(minutes) // 2]
    known = {minute: value for minute, value in values.items() if minute < middle}
    run = run_after(Run(), list(known.items()))
    past = Past({minute: Counts(0, 1000) for minute in known}, 5).recent(middle)
    assert marked(replace(past, run=run), middle, {}) == []
    stuck = run_after(run, [(middle + 5 * step, values[middle]) for step in range(4 * max(run.longest, 6) + 1)])
    assert [one.mark for one in marked(replace(past, run=stuck), middle, {})] == [Mark.FLAT]
    gaps = {minute: Counts(0, 1000) for minute in known if minute < middle - 100 or minute % 20 < 5}
    assert Mark.THIN in marks(gaps, middle, step=5)
