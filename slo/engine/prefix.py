"""Hour rows with prefix sums: what lies between two instants is the difference of two numbers.

An hour row holds what was counted before the hour (its bases) and, for each of its sixty minutes,
what was counted in the hour up to and including that minute. A minute without a sample repeats its
predecessor and lacks its bit in `valid`, so that a gap adds nothing and is still known as a gap.
Counts are integers (thousandths of an event, or the unit of `slo.engine.methods`); minutes and hours
are counted from 1970 UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

MINUTES = 60


class Counts(NamedTuple):
    """One minute's events in thousandths."""

    bad: int
    total: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One row of the table: bases before the hour, running sums inside it, bit i of `valid` for minute i."""

    base_bad: int = 0
    base_total: int = 0
    base_valid: int = 0
    bad: list[int] = field(default_factory=lambda: [0] * MINUTES)
    total: list[int] = field(default_factory=lambda: [0] * MINUTES)
    valid: int = 0

    def sums(self) -> "Sums":
        """What the hour itself holds, without its bases."""
        return Sums(self.bad[-1], self.total[-1], self.valid.bit_count())

    def on(self, other: "Hour") -> "Hour":
        """What this hour holds, on the other's bases."""
        return replace(self, base_bad=other.base_bad, base_total=other.base_total, base_valid=other.base_valid)

    def after(self, shift: "Sums") -> "Hour":
        """The same hour when so much more was counted before it."""
        return replace(
            self,
            base_bad=self.base_bad + shift.bad,
            base_total=self.base_total + shift.total,
            base_valid=self.base_valid + shift.valid,
        )


class Sums(NamedTuple):
    """Bad events, total events (thousandths) and minutes with a sample."""

    bad: int = 0
    total: int = 0
    valid: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """Both together, field by field."""
        return Sums(self.bad + other.bad, self.total + other.total, self.valid + other.valid)

    def minus(self, other: "Sums") -> "Sums":
        """This without the other, field by field."""
        return Sums(self.bad - other.bad, self.total - other.total, self.valid - other.valid)


def with_minutes(hour: Hour, minutes: Mapping[int, Counts]) -> Hour:
    """The hour after these minutes (0-59) were set, not added: sending twice changes nothing."""
    bad, total, valid = _each(hour.bad), _each(hour.total), hour.valid
    for minute, counts in minutes.items():
        bad[minute], total[minute] = counts
        valid |= 1 << minute
    return replace(hour, bad=list(accumulate(bad)), total=list(accumulate(total)), valid=valid)


def minutes_of(hour: Hour) -> dict[int, Counts]:
    """The samples that an hour row holds: minute (0-59) -> counts."""
    counts = zip(_each(hour.bad), _each(hour.total), strict=True)
    return {minute: Counts(*pair) for minute, pair in enumerate(counts) if hour.valid >> minute & 1}


def by_hour(minutes: Mapping[int, Counts]) -> dict[int, dict[int, Counts]]:
    """Minutes since 1970 -> counts, regrouped as hour -> minute of the hour -> counts, hours ascending."""
    hours: dict[int, dict[int, Counts]] = {}
    for minute in sorted(minutes):
        hours.setdefault(minute // MINUTES, {})[minute % MINUTES] = minutes[minute]
    return hours


def _each(running: list[int]) -> list[int]:
    return [running[0], *(later - earlier for earlier, later in pairwise(running))]
