"""Turns of a layer as instants (whole seconds since 1970 UTC), and whose they are.

One monotone map leads from local time to instants: a time that is missing becomes the end of the gap, a doubled one its
first pass. All edges use it, so the end of one turn is the start of the next.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from math import lcm
from typing import NamedTuple
from zoneinfo import ZoneInfo

from itsm.clocks.local_time import first_reading, instant_of
from itsm.oncall.engine.values import DAY, WEEK, Count, Layer


class Turn(NamedTuple):
    """Turn `number` from start to end, in seconds."""

    number: int
    start: int
    end: int


@lru_cache(maxsize=20_000)
def instant(day: date, minutes: int, zone: ZoneInfo) -> int:
    """The instant of so many minutes by the wall after the midnight that begins the day."""
    days, minute = divmod(minutes, DAY)
    return first_reading(day + timedelta(days=days), minute, zone)


def start_of(layer: Layer, number: int) -> int:
    """When a turn begins."""
    if layer.drifts:
        return instant(layer.anchor, layer.handoff, layer.zone) + number * layer.length * 3600
    return instant(layer.anchor, layer.handoff + number * layer.minutes, layer.zone)


def turn_at(layer: Layer, second: int) -> int:
    """The number of the turn that holds this second; negative before the first. Of empty turns the last."""
    number = (second - start_of(layer, 0)) // (layer.minutes * 60)
    while start_of(layer, number + 1) <= second:
        number += 1
    while start_of(layer, number) > second:
        number -= 1
    return number


def turns(layer: Layer, begin: int, end: int) -> Iterator[Turn]:
    """The turns from the first one on that lie in or reach into begin to end, whole."""
    number = max(turn_at(layer, begin), 0)
    start = start_of(layer, number)
    while start < end:
        following = start_of(layer, number + 1)
        if following > start:
            yield Turn(number, start, following)
        number, start = number + 1, following


def people_of(layer: Layer, number: int) -> tuple[int, ...]:
    """Whose turn it is, before swaps and absences. A layer without slots has nobody."""
    if not layer.slots:
        return ()
    place = number if layer.count is Count.CALENDAR or not layer.stretches else covered_before(layer, number)
    return layer.slots[place % len(layer.slots)]


def covered_before(layer: Layer, number: int) -> int:
    """How many turns before this one have anything left by the restrictions, by the clock on the wall."""
    before = _covered(layer)
    rounds, rest = divmod(number, len(before) - 1)
    return rounds * before[-1] + before[rest]


@lru_cache(maxsize=256)
def _covered(layer: Layer) -> tuple[int, ...]:
    """How many of the first k turns are covered, for k up to a whole round; then it repeats."""
    first = layer.anchor.weekday() * DAY + layer.handoff
    before = [0]
    for number in range(lcm(layer.minutes, WEEK) // layer.minutes):
        start = (first + number * layer.minutes) % WEEK
        before.append(before[-1] + any(_meet(start, layer.minutes, one.start, one.end) for one in layer.stretches))
    return tuple(before)


def _meet(start: int, length: int, begin: int, end: int) -> bool:
    """Whether `length` minutes from `start` share any with what lasts from begin to end in each week."""
    lasts = (end - begin) % WEEK
    return (begin - start) % WEEK < length or (start - begin) % WEEK < lasts


def week_of(second: int, zone: ZoneInfo) -> date:
    """The Monday of the local week of an instant."""
    day = instant_of(second).astimezone(zone).date()
    return day - timedelta(days=day.weekday())
