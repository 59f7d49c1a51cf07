"""What was burned of budgets between two instants: for what may burn only so much, such as a chaos experiment."""

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db import connection

from slo.engine.samples import epoch_minute
from slo.objectives.queries.counting import SAID, counted

_SPENT = counted(
    """
WITH asked AS (
  SELECT * FROM unnest(%(objectives)s::bigint[], %(newest)s::bigint[]) AS a (objective, newest)
),
edges AS (
  SELECT a.objective, e.place,
         CASE e.place WHEN 1 THEN a.newest - o.window_days * 1440
                      WHEN 2 THEN least(%(since)s::bigint, a.newest)
                      ELSE least(%(until)s::bigint, a.newest) END AS minute
  FROM asked a JOIN slo_objective o ON o.id = a.objective CROSS JOIN generate_series(1, 3) AS e (place)
),
counted AS (
  SELECT e.objective, s.component, e.place,
         sum(p.bad * s.weight_ppm::numeric) AS weighed, sum(p.total * s.error_budget_ppb::numeric) AS allowed
  FROM edges e
  JOIN slo_objective o ON o.id = e.objective
  JOIN slo_countedperiod s ON s.objective_id = o.id
  JOIN slo_series r ON r.id = s.series_id
  CROSS JOIN LATERAL COUNTED p
  GROUP BY e.objective, s.component, e.place
),
component AS (
  SELECT objective, component,
         max(weighed) FILTER (WHERE place = 3) - max(weighed) FILTER (WHERE place = 2) AS burned,
         max(allowed) FILTER (WHERE place = 3) - max(allowed) FILTER (WHERE place = 1) AS allowed
  FROM counted GROUP BY objective, component
)
-- Weights are millionths, error budgets billionths.
SELECT objective, sum(burned * 1000 / nullif(allowed, 0)) FROM component GROUP BY objective
""",
    "e.minute",
)
_PLACES = Decimal("0.000001")


def burned_between(
    objectives: Collection[tuple[int, datetime]], since: datetime, until: datetime
) -> dict[int, Decimal]:
    """Objective id -> share of its whole budget that failed from `since` until `until`, as far as it is measured.

    `objectives`: (id, watermark). Whole minutes: the one in which it began, not the one in which it ended. Rounded up
    to six decimals; every failure counts, those of an ordinary minute as well. What was never measured is left out. One
    query.
    """
    if not objectives:
        return {}
    given: dict[str, Any] = {
        "objectives": [number for number, _ in objectives],
        "newest": [epoch_minute(watermark) for _, watermark in objectives],
        "since": epoch_minute(since),
        "until": epoch_minute(until),
        **SAID,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, given)
        return {
            number: max(Decimal(0), share).quantize(_PLACES, rounding=ROUND_CEILING)
            for number, share in cursor.fetchall()
            if share is not None
        }
