"""Minutes with far more than the usual traffic are kept aside: not counted until a person without interest says so.

The caller holds the indicator's lock.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from slo.engine.prefix import Counts
from slo.engine.samples import epoch_minute
from slo.engine.traffic import (
    ENOUGH_MINUTES,
    LOOKS_BACK_MINUTES,
    MIN_USUAL,
    TIMES_USUAL,
    might_be_odd,
    odd_minutes,
    usual_total,
)
from slo.measuring.models import QuarantinedSample
from slo.measuring.workflow import QuarantineStatus

_ALL_SO_FAR = """
SELECT h.base_total + coalesce(h.total[60], h.wide_total[60], 0), h.base_valid + bit_count(h.valid::bit(64))
FROM slo_hourcounts h WHERE h.series_id = %s ORDER BY h.hour DESC LIMIT 1
"""
# Each recorded minute of these hours: the running total less that of the minute before.
_TOTALS = """
SELECT coalesce(h.total[m], h.wide_total[m], 0) - CASE WHEN m = 1 THEN 0
       ELSE coalesce(h.total[m - 1], h.wide_total[m - 1], 0) END
FROM slo_hourcounts h CROSS JOIN generate_series(1, 60) AS m
WHERE h.series_id = %s AND h.hour >= %s AND h.hour <= %s AND (h.valid >> (m - 1)) & 1 = 1
"""


def mean_total(series_id: int) -> int | None:
    """The mean traffic of all minutes measured so far, in thousandths; None where there are too few to say."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL_SO_FAR, [series_id])
        total, valid = cursor.fetchone() or (0, 0)
    return max(MIN_USUAL, int(total) // int(valid)) if valid >= ENOUGH_MINUTES else None


def believed(indicator_id: int, series_id: int, minutes: Mapping[int, Counts], at: datetime) -> Mapping[int, Counts]:
    """These minutes without those that are kept aside here. No query unless one has more than 10,000 events."""
    largest = max((counts.total for counts in minutes.values()), default=0)
    if largest <= TIMES_USUAL * MIN_USUAL:
        return minutes
    with connection.cursor() as cursor:
        cursor.execute(_ALL_SO_FAR, [series_id])
        total, valid = cursor.fetchone() or (0, 0)
        if not might_be_odd(largest, total, valid):
            return minutes
        now = epoch_minute(at)
        cursor.execute(_TOTALS, [series_id, (now - LOOKS_BACK_MINUTES) // 60, now // 60])
        recorded = [one for (one,) in cursor.fetchall()]
    usual = usual_total(recorded) or usual_total([counts.total for counts in minutes.values()])
    odd = odd_minutes(minutes, usual) if usual else {}
    if not odd or usual is None:
        return minutes
    aside = _keep_aside(indicator_id, odd, usual, at)
    return {minute: counts for minute, counts in minutes.items() if minute not in aside}


def _keep_aside(indicator_id: int, odd: Mapping[int, Counts], usual: int, at: datetime) -> set[int]:
    """The minutes that do not count: kept for a decision, or declined before with these very counts."""
    known = QuarantinedSample.objects.filter(indicator=indicator_id, minute__in=list(odd))
    decided = {(one.minute, one.bad, one.total): one.status for one in known}
    waiting = {one.minute: one for one in known if one.status == QuarantineStatus.QUARANTINED}
    aside: set[int] = set()
    for minute, counts in odd.items():
        status = decided.get((minute, *counts))
        if status == QuarantineStatus.RELEASED:
            continue
        aside.add(minute)
        if status is not None:
            continue
        if minute in waiting:
            again = waiting[minute]
            again.bad, again.total, again.usual, again.arrived_at = counts.bad, counts.total, usual, at
            again.version += 1
            again.save(update_fields=["bad", "total", "usual", "arrived_at", "version"])
        else:
            QuarantinedSample.objects.create(
                indicator_id=indicator_id, minute=minute, bad=counts.bad, total=counts.total, usual=usual, arrived_at=at
            )
    return aside
