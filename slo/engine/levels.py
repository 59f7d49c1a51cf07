"""Levels of headroom with hysteresis: down at once, up only after a calm hour with five points to spare.

The evaluation applies the same rules in SQL for all objectives at once and takes its figures from
here; the tests hold the two against each other.
"""

from decimal import Decimal

from slo.engine.states import Level

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
