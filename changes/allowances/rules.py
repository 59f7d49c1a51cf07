"""What a run does to an allowance, in numbers. Shares are of a service's headroom, exact to six decimals."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

WHOLE = Decimal(1)
STEP = Decimal("0.000001")
REFILL = Decimal("0.1")  # of what was given, after each run that was verified
SHRINK = Decimal("0.5")  # of what is left, after each that failed
EMPTY_BELOW = Decimal("0.05")  # of what was given: so little is nothing, and people decide


def refilled(share: Decimal, left: Decimal) -> Decimal:
    """What is left after a verified run: a tenth of the share more, never more than the share."""
    return min(share, left + (share * REFILL).quantize(STEP, rounding=ROUND_UP))


def shrunk(share: Decimal, left: Decimal) -> Decimal:
    """What is left after a run that failed: half of it; nothing, once it is less than a twentieth of the share."""
    half = (left * SHRINK).quantize(STEP, rounding=ROUND_DOWN)
    return half if half >= share * EMPTY_BELOW else Decimal(0)


def rescaled(share: Decimal, left: Decimal, now: Decimal) -> Decimal:
    """What is left once the share is another one: what failures took stays taken, of a smaller share as of a larger."""
    return max(now - (share - left), Decimal(0))
