"""How budgets were spent over their windows: shares left at evenly spaced instants, for drawing only.

The line begins at 1 where the window begins and ends at what remains; each step down is something that
failed. What was excluded does not move it. `burn_down` has many points of one budget, for its chart; `sparks` a few
of each, for the lines of the overview.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from slo.engine.samples import epoch_minute, instant_of
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.counting import SAID, counted

CHART_POINTS = 200
SPARK_POINTS = 16

# Each component's spending grows with its bad events; together, at the end, they are what the window spent.
_LINES = counted(
    """
WITH asked AS (
  SELECT * FROM unnest(%(objectives)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[])
           AS a (objective, first, last)
),
running AS (
  SELECT a.objective, s.component, place.minute,
         sum(p.bad * s.weight_ppm::numeric) AS weighed, sum(p.total * s.error_budget_ppb::numeric) AS allowed
  FROM asked a
  JOIN slo_objective o ON o.id = a.objective
  JOIN slo_countedperiod s ON s.objective_id = a.objective AND s.from_minute < a.last AND s.until_minute > a.first
  JOIN slo_series r ON r.id = s.series_id
  -- A window that was measured for fewer minutes than there are points has one for each minute.
  CROSS JOIN LATERAL (
    SELECT DISTINCT a.first + (a.last - a.first) * n / %(points)s AS minute
    FROM generate_series(0, %(points)s::bigint) AS n
  ) AS place
  CROSS JOIN LATERAL COUNTED p
  GROUP BY a.objective, s.component, place.minute
),
spent AS (
  SELECT objective, minute,
         (weighed - first_value(weighed) OVER component)
           / nullif(last_value(allowed) OVER component - first_value(allowed) OVER component, 0) AS spent
  FROM running
  WINDOW component AS (
    PARTITION BY objective, component ORDER BY minute ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  )
)
SELECT objective, minute, sum(spent) FROM spent GROUP BY objective, minute ORDER BY objective, minute
""",
    "place.minute",
)


def burn_down_points(budgets: Sequence[Budget], points: int) -> dict[int, list[tuple[int, float]]]:
    """Objective id -> (minute since 1970, share left) at `points` + 1 instants of its window. One query.

    The line begins where something was first measured; what never was has no line.
    """
    budgets = [one for one in budgets if one.measured_minutes]
    if not budgets:
        return {}
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    lasts = {one.pk: epoch_minute(one.watermark) for one in budgets}
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            {
                "objectives": list(lasts),
                "firsts": [min(one.drawn_from, lasts[one.pk]) for one in budgets],
                "lasts": list(lasts.values()),
                "points": points,
                **SAID,
            },
        )
        for objective, minute, spent in cursor.fetchall():
            found[objective].append((minute, float(spent or 0)))
    return {one.pk: _ending_at(float(one.remaining), found[one.pk]) for one in budgets}


def _ending_at(remaining: float, spent: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The shape, scaled so that it ends at what remains: a calendar period's budget counts what is still to come."""
    whole = spent[-1][1] if spent else 0.0
    scale = (1 - remaining) / whole if whole else 0.0
    return [(minute, 1 - share * scale) for minute, share in spent]


def burn_down(objective: Objective, at: datetime, points: int = CHART_POINTS) -> dict[str, Any]:
    """{"from", "to", "points": [[RFC 3339, share left], ...]}: from the window's beginning to the watermark."""
    budget = Budget.objects.get(pk=objective.pk)
    line = [[_text(minute), round(left, 6)] for minute, left in burn_down_points([budget], points).get(budget.pk, [])]
    return {"from": _text(budget.window_first), "to": _text(budget.window_last), "points": line}


def _text(minute: int) -> str:
    return instant_of(minute).isoformat().replace("+00:00", "Z")


def sparks(budgets: Sequence[Budget]) -> dict[int, list[float]]:
    """Objective id -> what was left at evenly spaced instants of its window. One query."""
    lines = burn_down_points(budgets, SPARK_POINTS)
    return {objective: [left for _, left in line] for objective, line in lines.items()}
