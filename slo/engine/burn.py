"""The arithmetic of error budgets: exact fractions inside, decimals rounded to the strict side outside.

Counts are integers (thousandths of an event, or events: only their proportion matters), the budget
ratio e = 1 - target is an integer in billionths. Nothing here is ever a float.
"""

from decimal import Decimal
from fractions import Fraction

from slo.engine.windows import MINUTES_PER_DAY, PPB

PLACES = 9


def error_budget_ppb(target: Decimal) -> int:
    """1 - target in billionths. ValueError unless 0 < target < 1 with at most nine decimals."""
    if not target.is_finite() or not 0 < target < 1:
        raise ValueError("A target lies between 0 and 1, both excluded.")
    budget = (1 - target) * PPB
    if budget != budget.to_integral_value():
        raise ValueError("A target has at most nine decimals.")
    return int(budget)


def burn_rate(bad: int, total: int, budget_ppb: int) -> Fraction:
    """How many times faster than sustainable: 1 spends the budget in exactly one window; no traffic burns 0."""
    return Fraction(bad * PPB, total * budget_ppb) if total else Fraction(0)


def remaining(bad: int, total: int, budget_ppb: int) -> Fraction:
    """Share of the window's budget that is left; negative when overspent, 1 without traffic. Never clamped."""
    return 1 - burn_rate(bad, total, budget_ppb)


def spent_by(burn: Fraction, minutes: Fraction, window_days: int) -> Fraction:
    """Share of the budget that this burn spends in so many minutes (exact for constant traffic)."""
    return burn * minutes / (window_days * MINUTES_PER_DAY)


def minutes_to_exhaustion(left: Fraction, burn: Fraction, window_days: int) -> Fraction | None:
    """Minutes until nothing is left if burn goes on; 0 when exhausted; None when nothing burns."""
    if left <= 0:
        return Fraction(0)
    return left * window_days * MINUTES_PER_DAY / burn if burn > 0 else None


def outage_minutes(budget_ppb: int, window_days: int) -> Fraction:
    """Minutes of total outage that one window's budget pays for."""
    return Fraction(budget_ppb * window_days * MINUTES_PER_DAY, PPB)


def rounded_up(value: Fraction) -> Decimal:
    """Nine decimals, towards more burn."""
    return Decimal(-(-value.numerator * PPB // value.denominator)).scaleb(-PLACES)


def rounded_down(value: Fraction) -> Decimal:
    """Nine decimals, towards less budget."""
    return Decimal(value.numerator * PPB // value.denominator).scaleb(-PLACES)
