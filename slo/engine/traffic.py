"""A single sample may not drown a window: how much traffic is more than could be.

The usual traffic is the median of the minutes with traffic in the last week. An indicator with fewer than an hour of
measurements has none: then a batch of at least an hour is compared with its own median. Up to 10,000 events in a minute
are never odd. Counts in thousandths.
"""

from collections.abc import Collection, Mapping
from statistics import median_low

from slo.engine.prefix import Counts

TIMES_USUAL = 1_000
MIN_USUAL = 10_000  # ten events a minute
ENOUGH_MINUTES = 60
LOOKS_BACK_MINUTES = 7 * 24 * 60


def usual_total(recorded: Collection[int]) -> int | None:
    """The usual traffic of these minutes' totals; None where there are too few to say."""
    if len(recorded) < ENOUGH_MINUTES:
        return None
    busy = [total for total in recorded if total]
    return max(MIN_USUAL, median_low(busy) if busy else 0)


def might_be_odd(largest: int, base_total: int, base_valid: int) -> bool:
    """A cheap look first: far above the mean of all that was measured, or nothing to compare with."""
    if largest <= TIMES_USUAL * MIN_USUAL:
        return False
    return base_valid < ENOUGH_MINUTES or largest * base_valid > TIMES_USUAL * base_total


def odd_minutes(minutes: Mapping[int, Counts], usual: int) -> dict[int, Counts]:
    """Those with more than 1,000 times the usual traffic."""
    return {minute: counts for minute, counts in minutes.items() if counts.total > TIMES_USUAL * usual}
