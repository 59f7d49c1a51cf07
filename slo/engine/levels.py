"""Levels of headroom with hysteresis: down at once, up only after a calm hour with five points to spare.

The evaluation applies the same rules in SQL for all objectives at once and takes its figures from
here; the tests hold the two against each other.
"""

from collections.abc import Iterable
from decimal import Decimal

from slo.engine.states import LEVELS, Level

# A level holds while headroom is above its limit.
LIMITS: dict[Level, Decimal] = {
    Level.HEALTHY: Decimal("0.50"),
    Level.WATCH: Decimal("0.25"),
    Level.CONSTRAINED: Decimal("0"),
}
HYSTERESIS_MARGIN = Decimal("0.05")
HYSTERESIS_MINUTES = 60
# The last hour is looked at every five minutes, both ends included.
HYSTERESIS_CHECKPOINTS = tuple(range(0, HYSTERESIS_MINUTES + 1, 5))


def level_of(headroom: Decimal, margin: Decimal = Decimal(0)) -> Level:
    """The kindest level whose limit, raised by the margin, is exceeded."""
    return next((level for level, limit in LIMITS.items() if headroom > limit + margin), Level.EXHAUSTED)


def next_level(before: Level | None, headroom: Decimal, last_hour: Iterable[Decimal]) -> Level:
    """The level after `before` (None: never judged). `last_hour` is the headroom at each look, now included."""
    now = level_of(headroom)
    if before is None or LEVELS.index(now) >= LEVELS.index(before):
        return now
    earned = level_of(min(last_hour), HYSTERESIS_MARGIN)
    return min(earned, before, key=LEVELS.index)
