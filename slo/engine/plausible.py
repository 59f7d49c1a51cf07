"""Figures that cannot be: more good events than events, or a thousand times the usual traffic in one minute."""

from collections.abc import Mapping
from decimal import Decimal
from statistics import median

# Two counters are not scraped at the same instant, so a part may seem a little larger than the whole.
SKEW_SHARE = Decimal("0.05")
SKEW_EVENTS = Decimal(1)

JUMP = 1000  # times the usual
LEAST_JUMP = Decimal(10_000)  # events: below it a quiet service that wakes up would be taken for one
_ENOUGH = 3  # minutes that say what is usual


def within(part: Decimal, total: Decimal) -> Decimal | None:
    """The part, at most the total where it is above it by no more than skew explains; None beyond that."""
    if part <= total:
        return part
    return total if part - total <= max(total * SKEW_SHARE, SKEW_EVENTS) else None


def impossible(totals: Mapping[int, Decimal]) -> tuple[set[int], Decimal]:
    """(the minutes with more than a thousand times the usual events, what is usual) among minutes asked together."""
    some = [total for total in totals.values() if total > 0]
    if len(some) < _ENOUGH:
        return set(), Decimal(0)
    usual = median(some)
    return {minute for minute, total in totals.items() if total > max(usual * JUMP, LEAST_JUMP)}, usual
