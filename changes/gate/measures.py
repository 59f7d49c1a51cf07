"""Numbers that can be trusted: a value of the right type, finite and in range, or None.

Promise: NaN, infinities, booleans posing as integers, absurd exponents and out-of-range values never reach
arithmetic.
"""

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, InvalidOperation


def sound(value: object, low: int, high: int) -> Decimal | None:
    """`value` when it is a finite Decimal in [low, high] with at most 30 decimals, else None."""
    if type(value) is not Decimal or not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -30 <= exponent <= 12:
        return None
    return value if low <= value <= high else None


def count(value: object, high: int = 1_000_000_000) -> int | None:
    """`value` when it is an integer in [0, high], else None."""
    return value if type(value) is int and 0 <= value <= high else None


def plain(value: Decimal) -> str:
    """Without exponent and trailing zeros: how numbers stand in reasons."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def business_days_after(at: datetime, days: int) -> datetime:
    """The same time of day, `days` Mondays to Fridays later (UTC; holidays are not known here)."""
    while days > 0:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at


def percent(ratio: str) -> str:
    """ "0.0312" as "3.1": at most one decimal, cut rather than rounded up to a limit; words pass unchanged."""
    try:
        whole = Decimal(ratio) * 100
    except InvalidOperation:
        return ratio
    return plain(whole.quantize(Decimal("0.1"), rounding=ROUND_FLOOR)) if whole.is_finite() else ratio


def instant_text(at: datetime) -> str:
    """ISO 8601; UTC is written as Z."""
    return at.isoformat().replace("+00:00", "Z")
