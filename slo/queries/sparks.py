"""The burn-downs of many objectives at once, a few points each, for the lines of the fleet."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from slo.engine.samples import epoch_minute
from slo.engine.windows import MINUTES_PER_DAY
from slo.models import Budget

POINTS = 16

_SPARKS = """
WITH asked AS (
  SELECT * FROM unnest(%(objectives)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[])
           AS a (objective, first, last)
),
terms AS (
  SELECT v.objective_id, v.indicator_id, v.error_budget_ppb, v.from_minute,
         lead(v.from_minute, 1, %(forever)s) OVER (PARTITION BY v.objective_id ORDER BY v.number) AS until_minute
  FROM slo_objectiveversion v JOIN asked a ON a.objective = v.objective_id
),
running AS (
  SELECT a.objective, place, sum(edge.bad) AS bad, sum(edge.total * t.error_budget_ppb::numeric) AS allowed
  FROM asked a
  CROSS JOIN generate_series(0, %(points)s::bigint) AS place
  JOIN terms t ON t.objective_id = a.objective AND t.from_minute < a.last AND t.until_minute > a.first
  LEFT JOIN LATERAL slo_prefix(
    t.indicator_id,
    greatest(t.from_minute, least(t.until_minute, a.first + (a.last - a.first) * place / %(points)s))
  ) edge ON true
  GROUP BY a.objective, place
)
SELECT objective,
       coalesce(1 - (coalesce(bad, 0) - coalesce(first_value(bad) OVER line, 0)) * 1e9
         / nullif(coalesce(last_value(allowed) OVER line, 0) - coalesce(first_value(allowed) OVER line, 0), 0), 1)
FROM running
WINDOW line AS (PARTITION BY objective ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
ORDER BY objective, place
"""


def sparks(budgets: Sequence[Budget]) -> dict[int, list[float]]:
    """Objective id -> what was left at evenly spaced instants of its window. One query."""
    lasts = [epoch_minute(budget.watermark) for budget in budgets]
    firsts = [last - one.window_days * MINUTES_PER_DAY for last, one in zip(lasts, budgets, strict=True)]
    found: dict[int, list[float]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            _SPARKS,
            {
                "objectives": [one.pk for one in budgets],
                "firsts": firsts,
                "lasts": lasts,
                "points": POINTS,
                "forever": 2**62,
            },
        )
        for objective, left in cursor.fetchall():
            found[objective].append(float(left))
    return found
