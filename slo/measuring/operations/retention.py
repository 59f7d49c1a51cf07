"""Keeping history small: by the minute as long as most windows reach, by the day for a year, then not at all.

An hour row holds what was counted before it, so a day is kept as one row without arrays: a window that
begins at a midnight (UTC) is exact, one that begins within the day counts the day whole (from its last
hour on: not at all).
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.samples import epoch_minute, oldest_minute
from slo.measuring.models import Series
from slo.measuring.operations.hours import close_before

DAYS_BY_THE_MINUTE = 100
SPARE_DAYS = 10
_AT_A_TIME = 200

_LOCK = """
SELECT FROM slo_indicator WHERE id IN (SELECT indicator_id FROM slo_seriesmember WHERE series_id = ANY (%(series)s))
ORDER BY id FOR NO KEY UPDATE
"""
# Each day with hours becomes two rows, shared with its neighbours: what was counted before it and what by its end.
# They stand in the last hour of a day, where a window that begins at midnight looks for what lies before it.
_THIN = """
WITH days AS (
  SELECT h.series_id, h.hour / 24 AS day, min(h.hour) AS first, max(h.hour) AS last
  FROM slo_hourcounts h
  WHERE h.series_id = ANY (%(series)s) AND h.hour < %(cut)s
  GROUP BY h.series_id, h.hour / 24
  HAVING bool_or(h.hour %% 24 <> 23 OR h.valid > 0)
),
kept AS (
  SELECT d.series_id, d.day * 24 - 1 AS hour, f.base_bad, f.base_total, f.base_valid
  FROM days d JOIN slo_hourcounts f ON f.series_id = d.series_id AND f.hour = d.first
  UNION
  SELECT d.series_id, d.day * 24 + 23, l.base_bad + coalesce(l.bad[60], l.wide_bad[60], 0),
         l.base_total + coalesce(l.total[60], l.wide_total[60], 0), l.base_valid + bit_count(l.valid::bit(64))
  FROM days d JOIN slo_hourcounts l ON l.series_id = d.series_id AND l.hour = d.last
)
INSERT INTO slo_hourcounts AS h (series_id, hour, base_bad, base_total, base_valid, valid, revision)
SELECT series_id, hour, base_bad, base_total, base_valid, 0, 1 FROM kept
ON CONFLICT (series_id, hour, live) DO UPDATE SET
  base_bad = EXCLUDED.base_bad, base_total = EXCLUDED.base_total, base_valid = EXCLUDED.base_valid,
  valid = 0, bad = NULL, total = NULL, wide_bad = NULL, wide_total = NULL, revision = h.revision + 1
"""
_DROP = "DELETE FROM slo_hourcounts WHERE series_id = ANY (%(series)s) AND hour < %(cut)s AND hour %% 24 <> 23"

# The newest of the old rows stays: its sums are where the oldest window begins.
_FORGET = """
DELETE FROM slo_hourcounts h
USING (SELECT series_id, max(hour) AS hour FROM slo_hourcounts WHERE hour <= %(cut)s GROUP BY series_id) anchor
WHERE h.series_id = anchor.series_id AND h.hour < anchor.hour
"""


def forget_old_hours(*, actor: Actor, at: datetime) -> int:
    """Keep by the day what lies more than 100 days back, and nothing beyond the longest window.

    Returns the number of rows that went. Safe to run twice; a few hundred series at a time, so that
    nobody who measures waits long.

    Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself forgets measurements."))
    cut = (epoch_minute(at) // 60 - DAYS_BY_THE_MINUTE * 24) // 24 * 24
    ids = list(Series.objects.order_by("pk").values_list("pk", flat=True))
    gone = sum(_thin(ids[first : first + _AT_A_TIME], cut) for first in range(0, len(ids), _AT_A_TIME))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"cut": oldest_minute(at) // 60 - SPARE_DAYS * 24})
        return gone + int(cursor.rowcount)


@transaction.atomic
def _thin(series_ids: list[int], cut: int) -> int:
    given: dict[str, Any] = {"series": series_ids, "cut": cut}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, given)
        close_before(series_ids, cut)
        cursor.execute(_THIN, given)
        cursor.execute(_DROP, given)
        gone = int(cursor.rowcount)
    Series.objects.filter(pk__in=series_ids, hours__hour__lt=cut).distinct().update(thinned_hour=cut)
    return gone
