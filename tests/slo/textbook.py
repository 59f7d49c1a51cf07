"""What the evaluation's SQL is held against, and what textbooks say: reckoned here, asked by no code of the product."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from slo.engine.burn import PPB
from slo.engine.levels import HYSTERESIS_MARGIN, level_of
from slo.engine.states import LEVELS, Level


def minutes_to_detection(error_ratio: Fraction, factor: Fraction, long_minutes: int, budget_ppb: int) -> Fraction:
    """Minutes until a long window starting clean passes its factor at this error ratio (valid while it can)."""
    return Fraction(budget_ppb, PPB) / error_ratio * long_minutes * factor


def next_level(before: Level | None, headroom: Decimal, last_hour: Iterable[Decimal]) -> Level:
    """The level after `before` (None: never evaluated). `last_hour` is the headroom at each look, now included."""
    now = level_of(headroom)
    if before is None or LEVELS.index(now) >= LEVELS.index(before):
        return now
    earned = level_of(min(last_hour), HYSTERESIS_MARGIN)
    return min(earned, before, key=LEVELS.index)
