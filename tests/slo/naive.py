"""What a budget must be, worked out the slow way: minute by minute, in fractions, sharing no code with `slo.engine`.

Give it raw samples, versions of the terms and corrections; it answers what the evaluation must store. Events and
slices are fractions of themselves here (a sample's thousandths / 1000, a slice is 1), so that a window whose
versions count by different methods can be added up. Minutes are whole minutes since 1970, windows are half-open.
"""

from calendar import monthrange
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from zoneinfo import ZoneInfo

Samples = Mapping[Hashable, Mapping[int, tuple[int, int]]]  # indicator -> minute -> (bad, total) in thousandths
Corrections = Sequence[tuple[int, int]]  # minutes [start, end) that are excluded

OCCURRENCES, TIMESLICES, RATIO = "occurrences", "timeslices", "ratio_timeslices"
BURN_WINDOWS = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": 1440, "3d": 4320}
ROWS = [("burning_fast", "1h", "5m", 2), ("burning_fast", "6h", "30m", 5)]
ROWS += [("burning_slow", "1d", "2h", 10), ("burning_slow", "3d", "6h", 10)]
MIN_BAD = {OCCURRENCES: 5, TIMESLICES: 2, RATIO: 1}
MIN_ALLOWED = {OCCURRENCES: 10, TIMESLICES: 2, RATIO: 2}


@dataclass(frozen=True)
class Member:
    indicator: Hashable
    tau: Fraction = Fraction(1)
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class Component:
    """One series with its own target. Only a composite by occurrences has several, of one member each."""

    members: tuple[Member, ...]
    target: Fraction
    weight: Fraction = Fraction(1)
    step: int = 1  # minutes between two samples of the source; by slices the slice length counts instead


@dataclass(frozen=True)
class Calendar:
    unit: str
    count: int = 1
    zone: str = "UTC"
    anchor: datetime = datetime(2024, 1, 1)  # noqa: DTZ001 - wall time


@dataclass(frozen=True)
class Version:
    """The terms from a minute on, until the next version's. The newest one in force says what window is asked for."""

    components: tuple[Component, ...]
    method: str = OCCURRENCES
    window: int | Calendar = 28  # days, or a calendar
    from_minute: int = 0
    slice_minutes: int = 1
    missing: str = "excluded"  # or good, bad: of slices
    basis: str = "full_window"  # or elapsed: of a calendar

    def step(self, component: Component) -> int:
        return component.step if self.method == OCCURRENCES else self.slice_minutes

    def counts_missing(self, minute: int) -> bool:
        """Whether a slice that ends with this minute, and was not seen, counts as one."""
        return self.method != OCCURRENCES and self.missing != "excluded" and (minute + 1) % self.slice_minutes == 0


@dataclass(frozen=True)
class ComponentWindow:
    """One component in one window: bad, total and allowed events or slices; samples, the minutes they stand for, of how many.

    `weighed`: what was bad, each by the weight that the terms of its own time gave the component.
    """

    bad: Fraction
    weighed: Fraction
    total: Fraction
    allowed: Fraction
    valid: int
    measured: int
    width: int

    @property
    def coverage(self) -> Fraction:
        return min(Fraction(1), Fraction(self.measured, self.width)) if self.width else Fraction(1)


@dataclass(frozen=True)
class Evaluation:
    watermark: int
    window: tuple[int, int]  # what was looked at ends at the watermark; this is the whole of it
    remaining: Decimal
    burn: dict[str, Decimal]
    coverage: Fraction
    flags: set[str]
    firing: list[str]  # the long windows of the rows
    # Each component over the compliance window, as far as it has elapsed.
    component_windows: tuple[ComponentWindow, ...]


@dataclass(frozen=True)
class Case:
    """Everything that is known of one objective."""

    versions: Sequence[Version]
    samples: Samples
    corrections: Corrections = ()

    @property
    def now(self) -> Version:
        return self.versions[-1]

    @cached_property
    def series(self) -> list[list[dict[int, tuple[Fraction, Fraction]]]]:
        """By version, then component; each by the version's own method, whether it was in force or not."""
        return [
            [series(version, component, self.samples) for component in version.components] for version in self.versions
        ]

    @cached_property
    def seen(self) -> dict[tuple[int, int], tuple[ComponentWindow, ...]]:
        """Windows that were added up before; only so that the tests end."""
        return {}

    def evaluate(self, at_seconds: int, *, decides: bool = False) -> Evaluation:
        """The stored row of an evaluation at this instant (seconds since 1970).

        `decides`: it did already, so it is not new any more, however little was measured.
        """
        closed = at_seconds // 60
        if self.now.from_minute > closed:
            return replace(self, versions=self.versions[:-1]).evaluate(at_seconds, decides=decides)
        newest = [max((m for m in found if m < closed), default=None) for found in self.series[-1]]
        spoken = [minute + 1 for minute in newest if minute is not None]
        silent = len(spoken) < len(newest)
        ending = closed if silent else min(spoken)
        first, end = window_of(self.now.window, ending)
        component_windows = {
            name: self.component_windows(ending - width, ending) for name, width in BURN_WINDOWS.items()
        }
        whole, whole_allowed = self.component_windows(first, ending), self.allowed(first, end, ending)
        fires = [
            row for row in ROWS if self.fires(component_windows[row[1]], component_windows[row[2]], row, end - first)
        ]
        coverage = min((one.coverage for one in whole if one.width), default=Fraction(int(ending <= first)))
        flags = {row[0] for row in fires}
        step = max(self.now.step(component) for component in self.now.components)
        is_new = not decides and self.measured(closed) < 60
        if is_new:
            flags.add("not_yet_measured")
        if (silent and not is_new) or (not silent and at_seconds - ending * 60 > (10 + step - 1) * 60):
            flags.add("no_data")
        thin = coverage < Fraction(9, 10) or max(whole_allowed) < MIN_ALLOWED[self.now.method]
        if thin and not is_new:
            flags.add("low_confidence")
        measuring = [one.valid > 0 for one in whole if one.width]
        if not sum(one.total for one in whole) and measuring and all(measuring):
            flags.add("no_traffic")
        return Evaluation(
            watermark=ending,
            window=(first, end),
            remaining=nine_places(self.remaining(ending), up=False),
            burn={name: nine_places(self.burn(found), up=True) for name, found in component_windows.items()},
            coverage=coverage,
            flags=flags,
            firing=[row[1] for row in fires],
            component_windows=whole,
        )

    def measured(self, closed: int) -> int:
        """Minutes ever measured, of the component that was measured least."""
        components = zip(self.now.components, self.series[-1], strict=True)
        return min(
            sum(minute < closed for minute in found) * self.now.step(component) for component, found in components
        )

    def remaining(self, ending: int) -> Fraction:
        """Exact; the levels look at it at several endings."""
        first, end = window_of(self.now.window, ending)
        component_windows, allowed = self.component_windows(first, ending), self.allowed(first, end, ending)
        shares = [one.weighed / budget for one, budget in zip(component_windows, allowed, strict=True) if budget]
        return 1 - sum(shares, Fraction(0))

    def burn(self, component_windows: Sequence[ComponentWindow]) -> Fraction:
        return sum((one.weighed / one.allowed for one in component_windows if one.allowed), Fraction(0))

    def allowed(self, first: int, end: int, ending: int) -> list[Fraction]:
        """Per component what the budget is a share of, in failures: with the events to come where the basis says so."""
        found = [one.allowed for one in self.component_windows(first, ending)]
        if isinstance(self.now.window, int) or self.now.basis == "elapsed":
            return found
        before = self.component_windows(ending - (end - first), ending)
        for place, (component, trailing) in enumerate(zip(self.now.components, before, strict=False)):
            if self.now.method != OCCURRENCES:
                coming = Fraction(end - ending, self.now.slice_minutes)
            else:
                coming = trailing.total / trailing.measured * (end - ending) if trailing.measured else Fraction(0)
            found[place] += (1 - component.target) * coming
        return found

    def fires(
        self,
        long: Sequence[ComponentWindow],
        short: Sequence[ComponentWindow],
        row: tuple[str, str, str, int],
        width: int,
    ) -> bool:
        factor = max(Fraction(1), Fraction(row[3], 100) * width / BURN_WINDOWS[row[1]])
        least = MIN_BAD[self.now.method]
        enough = any(one.allowed * factor >= 1 or one.bad >= least for one in long)
        return enough and self.burn(long) > factor and self.burn(short) > factor

    def component_windows(self, first: int, end: int) -> tuple[ComponentWindow, ...]:
        if (first, end) not in self.seen:
            places = max(len(version.components) for version in self.versions)
            self.seen[first, end] = tuple(self.component_window(place, first, end) for place in range(places))
        return self.seen[first, end]

    def component_window(self, place: int, first: int, end: int) -> ComponentWindow:
        """One component (by its place; versions that had no such component say nothing of it), minute after minute."""
        bad = weighed = total = allowed = Fraction(0)
        valid = measured = width = 0
        begun = [min(components[place], default=end) if place < len(components) else end for components in self.series]
        number = -1
        for minute in range(first, end):
            while number + 1 < len(self.versions) and self.versions[number + 1].from_minute <= minute:
                number += 1
            version = self.versions[number]
            if number < 0 or place >= len(version.components) or self.is_excluded(version, place, minute):
                continue
            found = self.series[number][place]
            component, width = version.components[place], width + 1
            counted = found.get(minute)
            if counted is not None:
                valid, measured = valid + 1, measured + version.step(component)
            elif minute < begun[number] or not version.counts_missing(minute):
                continue
            else:
                counted = (Fraction(version.missing == "bad"), Fraction(1))
            if counted[1]:
                bad, total = bad + counted[0], total + counted[1]
                weighed += counted[0] * component.weight
                allowed += counted[1] * (1 - component.target)
        return ComponentWindow(bad, weighed, total, allowed, valid, measured, width)

    def is_excluded(self, version: Version, place: int, minute: int) -> bool:
        """A slice, or a sample that stands for several minutes, is excluded whole where a correction touches it."""
        if not self.corrections:
            return False
        length = version.step(version.components[place])
        begin = minute - minute % length
        return any(start < begin + length and begin < end for start, end in self.corrections)


def series(version: Version, component: Component, samples: Samples) -> dict[int, tuple[Fraction, Fraction]]:
    """Minute -> (bad, total) in whole events or slices; a slice stands at its last minute."""
    if version.method == OCCURRENCES:
        (member,) = component.members
        own = samples.get(member.indicator, {})
        return {minute: (Fraction(bad, 1000), Fraction(total, 1000)) for minute, (bad, total) in own.items()}
    length = version.slice_minutes
    by_member = []
    for member in component.members:
        slices: dict[int, tuple[int, int]] = {}
        for minute, (bad, total) in samples.get(member.indicator, {}).items():
            had = slices.get(minute // length, (0, 0))
            slices[minute // length] = (had[0] + bad, had[1] + total)
        by_member.append(slices)
    complete = [number for number in by_member[0] if all(number in slices for slices in by_member)]
    evaluate_slice = slice_by_target if version.method == TIMESLICES else slice_by_ratio
    return {
        number * length + length - 1: evaluate_slice(component.members, [slices[number] for slices in by_member])
        for number in complete
    }


def slice_by_target(members: Sequence[Member], found: Sequence[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    good = [Fraction(total - bad, total) >= m.tau for m, (bad, total) in zip(members, found, strict=True) if total]
    return Fraction(not all(good)), Fraction(bool(good))


def slice_by_ratio(members: Sequence[Member], found: Sequence[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    short = [m.weight * Fraction(bad, total) for m, (bad, total) in zip(members, found, strict=True) if total]
    return min(Fraction(1), Fraction(nine_places(sum(short, Fraction(0)), up=True))), Fraction(bool(short))


def nine_places(value: Fraction, *, up: bool) -> Decimal:
    billionths, rest = divmod(value * 10**9, 1)
    return Decimal(billionths + (1 if up and rest else 0)) / 10**9


def window_of(window: int | Calendar, ending: int) -> tuple[int, int]:
    """[first, end) of the whole compliance window: rolling it ends at the instant, a calendar period contains it."""
    if isinstance(window, int):
        return ending - window * 1440, ending
    number = 0
    while boundary(window, number) > ending:
        number -= 1
    while boundary(window, number + 1) <= ending:
        number += 1
    return boundary(window, number), boundary(window, number + 1)


@cache
def boundary(calendar: Calendar, number: int) -> int:
    """When period `number` begins, in minutes since 1970."""
    wall = calendar.anchor
    if calendar.unit == "week":
        wall += timedelta(days=7 * calendar.count * number)
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[calendar.unit] * calendar.count * number
        year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
        wall = wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))
    return int(instant_of_wall_time(wall, ZoneInfo(calendar.zone)).timestamp()) // 60


def instant_of_wall_time(wall: datetime, zone: ZoneInfo) -> datetime:
    """The last instant at which the zone's clocks show this; if none does, with the offset of two days before."""
    nearby = [wall.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-48, 49)]
    offsets = [instant.astimezone(zone).utcoffset() or timedelta(0) for instant in nearby]
    showing = [wall.replace(tzinfo=UTC) - offset for offset in offsets]
    showing = [instant for instant in showing if instant.astimezone(zone).replace(tzinfo=None) == wall]
    return max(showing, default=wall.replace(tzinfo=UTC) - offsets[0])
