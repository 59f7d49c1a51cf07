"""Series for the charts, ready for JSON."""

from datetime import datetime
from typing import Any

from django.db import connection

from slo.engine.samples import epoch_minute, instant_of
from slo.engine.windows import MINUTES_PER_DAY
from slo.models import Budget, Objective

_BURN_DOWN = """
WITH terms AS (
  SELECT v.indicator_id, v.error_budget_ppb, v.from_minute,
         lead(v.from_minute, 1, %(forever)s) OVER (ORDER BY v.number) AS until_minute
  FROM slo_objectiveversion v
  WHERE v.objective_id = %(objective)s
),
points AS (
  SELECT place, %(first)s + (%(last)s - %(first)s) * place / %(points)s AS minute
  FROM generate_series(0, %(points)s::bigint) AS place
),
running AS (
  SELECT p.minute, sum(edge.bad) AS bad, sum(edge.total * t.error_budget_ppb::numeric) AS allowed
  FROM points p
  CROSS JOIN terms t
  LEFT JOIN LATERAL slo_prefix(
    t.indicator_id, greatest(t.from_minute, least(t.until_minute, p.minute))
  ) edge ON true
  WHERE t.from_minute < %(last)s AND t.until_minute > %(first)s
  GROUP BY p.minute
)
SELECT minute,
       coalesce(1 - (coalesce(bad, 0) - coalesce(first_value(bad) OVER line, 0)) * 1e9
         / nullif(coalesce(last_value(allowed) OVER line, 0) - coalesce(first_value(allowed) OVER line, 0), 0), 1)
FROM running
WINDOW line AS (ORDER BY minute ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
ORDER BY minute
"""


def burn_down(objective: Objective, at: datetime, points: int = 200) -> dict[str, Any]:
    """How the window's budget was spent: {"from", "to", "points": [[RFC 3339, share left], ...]}.

    The line starts at 1 where the window begins and ends at what remains; each step down is
    something that failed. One query. Shares are floats, for drawing only.
    """
    last = epoch_minute(min(at, Budget.objects.get(pk=objective.pk).watermark))
    first = last - objective.window_days * MINUTES_PER_DAY
    with connection.cursor() as cursor:
        cursor.execute(
            _BURN_DOWN,
            {"objective": objective.pk, "first": first, "last": last, "points": points, "forever": 2**62},
        )
        line = [[_text(minute), round(float(left), 6)] for minute, left in cursor.fetchall()]
    return {"from": _text(first), "to": _text(last), "points": line}


def _text(minute: int) -> str:
    return instant_of(minute).isoformat().replace("+00:00", "Z")
