"""Made-up traffic with a day, a week and some noise: the same minute always gives the same counts.

Noise comes from a hash of the minute, not from a random generator, so that a gap may be filled
twice, in any order, by two processes, and the measurements are the same.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from math import cos, pi

from itsm.home.demo.objectives import DemoObjective
from slo.engine.samples import Sample, instant_of
from slo.engine.windows import MINUTES_PER_DAY

_WEEK = 7 * MINUTES_PER_DAY
_NIGHT, _BUSIEST_MINUTE = 0.3, 19 * 60
# 1970-01-01 was a Thursday.
_WEEKEND_DAYS, _WEEKEND = (2, 3), 1.25


def samples(promise: DemoObjective, first: int, end: int, *, founded: int) -> Iterator[Sample]:
    """The minutes [first, end) of a promise's service; minutes count from 1970."""
    shape = _week()
    start, budget, mood, seed = instant_of(0), promise.budget, promise.mood, promise.seed
    for minute in range(first, end):
        one, other = _noise(minute, seed)
        total = int(promise.peak * shape[minute % _WEEK] * (0.95 + 0.1 * one) + other)
        bad = min(total, int(total * budget * mood(minute - founded, minute) + one))
        yield Sample(start + timedelta(minutes=minute), total - bad, total)


@cache
def _week() -> tuple[float, ...]:
    """The share of the busiest weekday minute's traffic, for every minute of a week."""
    return tuple(_share(minute) for minute in range(_WEEK))


def _share(minute: int) -> float:
    day, minute_of_day = divmod(minute, MINUTES_PER_DAY)
    wave = (1 + cos(2 * pi * (minute_of_day - _BUSIEST_MINUTE) / MINUTES_PER_DAY)) / 2
    return (_NIGHT + (1 - _NIGHT) * wave) * (_WEEKEND if day in _WEEKEND_DAYS else 1.0)


def _noise(minute: int, seed: int) -> tuple[float, float]:
    """Two numbers in [0, 1): also what rounds fractions of an event up or down fairly."""
    mixed = (minute * 2_654_435_761 + seed * 40_503_737) & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    mixed ^= mixed >> 32
    return (mixed & 0xFFFFFF) / 0x1000000, (mixed >> 24 & 0xFFFFFF) / 0x1000000
