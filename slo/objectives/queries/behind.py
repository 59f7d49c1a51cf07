"""Whether a stored budget is behind what is known: SQL that stands beside it, for those who read or lock budgets.

Behind: a newer minute was acknowledged than the budget has seen, history was rewritten since (series count such
writes, the budget remembers the sum that it has seen), or nobody evaluated it for two minutes.
"""

from datetime import datetime, timedelta
from typing import Any

from slo.engine.samples import epoch_minute

# An evaluation runs each minute; what it has not looked at for this long is judged by whoever asks.
OLDEST = timedelta(minutes=2)

# Beside `o` (objective) and `b` (its budget, perhaps none).
MEASURED = """
LEFT JOIN LATERAL (
  -- A component without any minute leaves the whole unknown, as before: its first one is a rewriting.
  SELECT CASE WHEN bool_and(newest.ending IS NOT NULL) THEN min(newest.ending) END AS ending
  FROM slo_countedperiod p
  LEFT JOIN LATERAL slo_newest(p.series_id, %(minute)s) newest ON true
  WHERE p.objective_id = o.id AND p.number = b.terms_version AND p.is_last
) measured ON true
"""
IS_BEHIND = """(
  b.objective_id IS NULL OR b.evaluated_at < %(at)s - %(patience)s::interval
  OR measured.ending * 60 > extract(epoch FROM b.watermark)
  OR (SELECT coalesce(sum(r.revision), 0) <> b.series_revision FROM slo_series r
      WHERE r.id IN (SELECT p.series_id FROM slo_countedperiod p WHERE p.objective_id = o.id))
)"""


def behind_parameters(at: datetime) -> dict[str, Any]:
    """What the two pieces ask for."""
    return {"at": at, "minute": epoch_minute(at), "patience": OLDEST}
