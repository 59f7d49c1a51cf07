"""What a change cost, exactly, in whole numbers. Pure.

Expected of a minute: the bad events of the 24 hours before, without outage periods, as a fraction that is carried from
minute to minute. Excess: what a minute has above that. The excess of minutes in which an outage upstream is confirmed
goes to the dependency; the rest is shared equally among the changes active in that minute, remainders to the earlier
started; what no change covers is unattributed. What nobody asked about pays where it is alone: it makes no share of
what was asked about smaller, because whoever deploys tells when it went out.

Promise: debits + dependency + unattributed = excess, in every minute and so in every sum of minutes. What is expected
of a minute follows the change that started first of those active in it, carried from its start; where none is active,
the day. So every minute can be reckoned by itself, however many changes overlap, and late data reckon the same way.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

WATCH_MINUTES = 30  # after its end a change is watched, and pays
BEFORE_MINUTES = 24 * 60


class MinuteRange(NamedTuple):
    """Half-open, in minutes since 1970."""

    first: int
    last: int


class Expected(NamedTuple):
    """`bad` events in `minutes` minutes, carried from the minute `since` on. Of no minutes: nothing is expected."""

    bad: int
    minutes: int
    since: int

    def of(self, minute: int) -> int:
        """The whole events that fall due in this minute."""
        if not self.minutes:
            return 0
        before = minute - self.since
        return self.bad * (before + 1) // self.minutes - self.bad * before // self.minutes


class Active(NamedTuple):
    """A change while it pays: from its start to the end of its watch, and what was expected of its minutes.

    `asked`: the gate was asked about it before; not of what was only told of afterwards.
    """

    change: int
    span: MinuteRange
    expected: Expected
    asked: bool = True


@dataclass(slots=True)
class Settled:
    """Where the excess of some minutes went. `dependencies`: the part of `dependency` in each change's minutes."""

    excess: int = 0
    dependency: int = 0
    unattributed: int = 0
    debits: Counter[int] = field(default_factory=Counter)
    dependencies: Counter[int] = field(default_factory=Counter)


def expected_of(since: int, bad: Mapping[int, int], outages: Collection[MinuteRange], began: int) -> Expected:
    """From the 24 hours before `since`, of which those before `began` and those of outages are no minutes."""
    first = max(since - BEFORE_MINUTES, began)
    out = {minute for one in outages for minute in range(max(one.first, first), min(one.last, since))}
    counted = (count for minute, count in bad.items() if first <= minute < since and minute not in out)
    return Expected(sum(counted), max(0, since - first - len(out)), since)


def share_out(
    minutes: MinuteRange,
    bad: Mapping[int, int],
    changes: Sequence[Active],
    otherwise: Expected,
    upstream: Collection[MinuteRange] = (),
) -> Settled:
    """Whose the excess of these minutes is. `bad`: minute -> bad events, absent is none; `otherwise`: where no change
    is active; `upstream`: outages of what it depends on that are confirmed.
    """
    order = sorted(changes, key=lambda one: (one.span.first, one.change))
    found = Settled()
    for minute in sorted(minute for minute, count in bad.items() if count and minutes.first <= minute < minutes.last):
        active = _payers([one for one in order if one.span.first <= minute < one.span.last])
        excess = max(0, bad[minute] - (active[0].expected if active else otherwise).of(minute))
        found.excess += excess
        if any(one.first <= minute < one.last for one in upstream):
            found.dependency += excess
            found.dependencies.update(_shares(excess, active))
        elif active:
            found.debits.update(_shares(excess, active))
        else:
            found.unattributed += excess
    return found


def _payers(active: Sequence[Active]) -> Sequence[Active]:
    """Those that were asked about, where there are any."""
    return [one for one in active if one.asked] or active


def _shares(excess: int, active: Sequence[Active]) -> dict[int, int]:
    """Equal shares, the remainder one each to those that started first."""
    each, rest = divmod(excess, max(1, len(active)))
    return {one.change: each + (place < rest) for place, one in enumerate(active)}
