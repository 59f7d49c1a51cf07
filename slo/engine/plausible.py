"""A part of the events that is larger than all of them: by as much as skew explains, or by more."""

from decimal import Decimal

# Two counters are not scraped at the same instant, so a part may seem a little larger than the whole.
SKEW_SHARE = Decimal("0.05")
SKEW_EVENTS = Decimal(1)


def within(part: Decimal, total: Decimal) -> Decimal | None:
    """The part, at most the total where it is above it by no more than skew explains; None beyond that."""
    if part <= total:
        return part
    return total if part - total <= max(total * SKEW_SHARE, SKEW_EVENTS) else None
