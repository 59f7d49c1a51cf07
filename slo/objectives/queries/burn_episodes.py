"""Burn episodes, in which a budget was really spent: minutes (or slices) that burn fast, with short pauses between."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection

from slo.engine.samples import epoch_minute
from slo.engine.windows import ALERT_ROWS, PPB
from slo.objectives.models import Budget, Objective

# Minutes that burn above this row's factor belong to an episode; a pause this long ends one.
_ROW = ALERT_ROWS[1]
PAUSE_MINUTES = 10

_EPISODES = """
WITH counted AS (
  SELECT s.component, s.weight_ppm, s.error_budget_ppb, s.step_minutes, h.hour * 60 + running.place - 1 AS minute,
         s.from_minute, s.until_minute,
         running.bad - coalesce(lag(running.bad) OVER own, 0) AS bad,
         running.total - coalesce(lag(running.total) OVER own, 0) AS total
  FROM slo_countedperiod s
  JOIN slo_hourcounts h ON h.series_id = s.series_id AND h.hour >= greatest(s.from_minute, %(first)s) / 60
    AND h.hour <= least(s.until_minute, %(last)s) / 60 AND (h.bad IS NOT NULL OR h.wide_bad IS NOT NULL)
  CROSS JOIN LATERAL unnest(coalesce(h.bad::bigint[], h.wide_bad), coalesce(h.total::bigint[], h.wide_total))
    WITH ORDINALITY AS running (bad, total, place)
  WHERE s.objective_id = %(objective)s
  WINDOW own AS (PARTITION BY s.component, s.from_minute, h.hour ORDER BY running.place)
),
priced AS (
  -- What fails slowly for long is no period: the minute itself, over all components, burns above the factor. Reckoned
  -- beside each row: a join back would be a loop of the window over itself where the planner takes it for a few rows.
  SELECT component, minute, bad, weight_ppm, max(step_minutes) OVER here AS step,
         sum(weight_ppm * 1000.0 * bad / nullif(error_budget_ppb * total, 0)) OVER here AS burn
  FROM counted
  WHERE minute >= greatest(from_minute, %(first)s) AND minute < least(until_minute, %(last)s) AND bad > 0
  WINDOW here AS (PARTITION BY minute)
),
burning AS (
  SELECT *, minute - lag(minute) OVER (ORDER BY minute, component) > %(pause)s AS begins
  FROM priced WHERE burn > %(factor)s
),
numbered AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (ORDER BY minute, component) AS episode FROM burning
)
SELECT episode, component, min(minute - step + 1) AS started, max(minute) + 1 AS ended,
       sum(step) AS minutes, sum(bad) AS bad, sum(bad * weight_ppm::numeric) AS weighed
FROM numbered
GROUP BY episode, component ORDER BY episode, component
"""

_ALLOWED = """
SELECT s.component, sum(
         (coalesce(upper.total, 0) - coalesce(lower.total, 0)) * s.error_budget_ppb::numeric
       )
FROM slo_countedperiod s
LEFT JOIN LATERAL slo_prefix(s.series_id, greatest(s.from_minute, least(s.until_minute, %(first)s))) lower ON true
LEFT JOIN LATERAL slo_prefix(s.series_id, greatest(s.from_minute, least(s.until_minute, %(last)s))) upper ON true
WHERE s.objective_id = %(objective)s
GROUP BY s.component
"""


@dataclass(frozen=True, slots=True)
class BurnEpisode:
    """Half-open, in minutes since 1970. `failed` are events or slices, `cost` the share of the window's budget."""

    started: int
    ended: int
    minutes: int
    failed: Decimal
    cost: Decimal


def burn_episodes(objective: Objective, budget: Budget, since: int | None = None) -> list[BurnEpisode]:
    """Those of the budget's window (from the minute `since` on), oldest first, at today's cost. Two queries."""
    last = epoch_minute(budget.watermark)
    width = (budget.window_last - budget.window_first) or 1
    factor = max(Decimal(1), Decimal(_ROW.spent_percent) * width / 100 / 360)
    given: dict[str, Any] = {
        "objective": objective.pk,
        "first": max(budget.window_first, since if since is not None else budget.window_first),
        "last": last,
        "pause": PAUSE_MINUTES,
        "factor": factor,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EPISODES, given)
        rows = cursor.fetchall()
        cursor.execute(_ALLOWED, {"objective": objective.pk, "first": budget.window_first, "last": last})
        allowed = {component: counts or Decimal(0) for component, counts in cursor.fetchall()}
    prices = _prices(allowed, budget, objective.unit)
    return [
        _episode(list(components), prices, objective.unit) for _, components in groupby(rows, key=lambda row: row[0])
    ]


def _prices(allowed: dict[int, Decimal], budget: Budget, unit: int) -> dict[int, Decimal]:
    """What one bad count of each component costs, by millionths of its weight.

    A calendar period's budget also counts what is still to come.
    """
    elapsed = sum(allowed.values(), Decimal(0))
    whole = budget.allowed * unit * PPB
    grown = whole / elapsed if elapsed and whole > elapsed else Decimal(1)
    return {
        component: Decimal(1000) / (counts * grown) if counts else Decimal(0) for component, counts in allowed.items()
    }


def _episode(components: list[tuple[int, ...]], prices: dict[int, Decimal], unit: int) -> BurnEpisode:
    return BurnEpisode(
        started=min(row[2] for row in components),
        ended=max(row[3] for row in components),
        minutes=max(row[4] for row in components),
        failed=Decimal(_bad(components)) / unit,
        cost=sum((row[6] * prices[row[1]] for row in components), Decimal(0)).quantize(Decimal("1e-9")),
    )


def _bad(components: Iterable[tuple[int, ...]]) -> int:
    return int(sum(row[5] for row in components))
