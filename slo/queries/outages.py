"""The spells in which the budget was really spent, dearest first."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from slo.engine.samples import epoch_minute, instant_of
from slo.engine.windows import ALERT_ROWS, MINUTES_PER_DAY
from slo.models import Budget, Objective

# Minutes that burn above this row's factor belong to a spell; short pauses do not end one.
_ROW = ALERT_ROWS[1]
_PAUSE_MINUTES = 10

_SPELLS = """
WITH minutes AS (
  SELECT h.hour * 60 + running.place - 1 AS minute,
         running.bad - coalesce(lag(running.bad) OVER own, 0) AS bad,
         running.total - coalesce(lag(running.total) OVER own, 0) AS total
  FROM slo_slicehour h
  CROSS JOIN LATERAL unnest(h.bad, h.total) WITH ORDINALITY AS running (bad, total, place)
  WHERE h.indicator_id = %(indicator)s AND h.hour BETWEEN %(first)s / 60 AND %(last)s / 60 AND h.bad[60] > 0
  WINDOW own AS (PARTITION BY h.hour ORDER BY running.place)
),
burning AS (
  SELECT minute, bad, minute - lag(minute) OVER (ORDER BY minute) > %(pause)s AS begins
  FROM minutes
  WHERE minute >= %(first)s AND minute < %(last)s AND bad * 1e9 > %(factor)s * %(ppb)s * total
),
numbered AS (
  SELECT minute, bad, count(*) FILTER (WHERE begins) OVER (ORDER BY minute) AS spell FROM burning
)
SELECT min(minute), max(minute) + 1, sum(bad)
FROM numbered GROUP BY spell ORDER BY 3 DESC, 1 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """One spell: half-open in time, the events that failed, and the share of the window's budget they cost."""

    started_at: datetime
    ended_at: datetime
    failed: Decimal
    cost: Decimal


def outages(objective: Objective, at: datetime, most: int = 10) -> list[Outage]:
    """The dearest spells of the window that ends at the budget's watermark, judged by today's terms."""
    budget = Budget.objects.get(pk=objective.pk)
    last = epoch_minute(min(at, budget.watermark))
    with connection.cursor() as cursor:
        cursor.execute(
            _SPELLS,
            {
                "indicator": objective.indicator_id,
                "first": last - objective.window_days * MINUTES_PER_DAY,
                "last": last,
                "pause": _PAUSE_MINUTES,
                "factor": Decimal(_ROW.factor(objective.window_days).numerator)
                / _ROW.factor(objective.window_days).denominator,
                "ppb": objective.error_budget_ppb,
                "most": most,
            },
        )
        return [_outage(row, budget.allowed) for row in cursor.fetchall()]


def _outage(row: tuple[int, int, Decimal], allowed: Decimal) -> Outage:
    started, ended, thousandths = row
    failed = thousandths / 1000
    cost = (failed / allowed).quantize(Decimal("1e-9")) if allowed else Decimal(0)
    return Outage(instant_of(started), instant_of(ended), failed, cost)
