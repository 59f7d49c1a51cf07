"""How changes of this kind have gone: decayed counts, exact and the same on every machine."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

HALF_LIFE = timedelta(days=90)
PLACES = Decimal("0.000000001")


def decayed(weight: Decimal, since: datetime, at: datetime) -> Decimal:
    """The weight after half of it went every 90 days. Nine decimals."""
    seconds = max(0, int((at - since).total_seconds()))
    with localcontext(prec=34):
        exponent = Decimal(seconds) / Decimal(int(HALF_LIFE.total_seconds()))
        return (weight * Decimal(2) ** -exponent).quantize(PLACES)


def recent_runs(rows: Iterable[bool]) -> tuple[int, int]:
    """(runs, failures) among the last 20."""
    last = list(rows)[-20:]
    return len(last), sum(last)
