"""How a window was spent hour by hour (or day by day), in exact figures, for people who want to reckon themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from slo.engine.burn import rounded_down
from slo.engine.methods import UNIT, Method
from slo.engine.samples import epoch_minute, instant_of
from slo.objectives.models import Budget, Objective

_EDGES = """
SELECT edge.place, s.component, sum(p.bad * s.weight_ppm::numeric), sum(p.bad), sum(p.total),
       sum(p.total * s.error_budget_ppb::numeric)
FROM slo_countedperiod s
JOIN slo_series r ON r.id = s.series_id
CROSS JOIN unnest(%(edges)s::bigint[]) WITH ORDINALITY AS edge (minute, place)
CROSS JOIN LATERAL slo_counted(
  s.series_id, greatest(s.from_minute, least(s.until_minute, edge.minute)),
  coalesce(r.began_minute, 0), s.step_minutes::int,
  CASE WHEN r.began_minute IS NULL THEN 'excluded' ELSE %(missing)s END, %(unit)s
) p
WHERE s.objective_id = %(objective)s AND s.from_minute < %(last)s AND s.until_minute > %(first)s
GROUP BY edge.place, s.component ORDER BY edge.place, s.component
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """One stretch, half-open: failures and events (or slices) in it, and what was left of the budget at its end."""

    begins: datetime
    ends: datetime
    bad: Decimal
    total: Decimal
    remaining: Decimal


def spent_by(objective: Objective, budget: Budget, minutes: int) -> list[Spent]:
    """The budget's window in stretches of so many minutes, aligned to UTC, oldest first. One query."""
    if not budget.measured_minutes:
        return []
    edges = _edges(budget.drawn_from, epoch_minute(budget.watermark), minutes)
    if len(edges) < 2:
        return []
    unit = UNIT[Method(objective.method)]
    given: dict[str, Any] = {
        "edges": edges, "missing": objective.missing_slices, "unit": unit,
        "objective": objective.pk, "first": edges[0], "last": edges[-1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, given)
        rows = cursor.fetchall()
    return list(_spent(edges, rows, Fraction(budget.remaining), unit))


def _edges(first: int, last: int, minutes: int) -> list[int]:
    inner = range(first - first % minutes + minutes, last, minutes)
    return sorted({first, *inner, last})


def _spent(
    edges: Sequence[int],
    rows: Sequence[tuple[int, int, Decimal, Decimal, Decimal, Decimal]],
    remaining: Fraction,
    unit: int,
) -> Iterator[Spent]:
    """Each component's bad events by its own allowance; scaled so that the last stretch ends at what remains."""
    components = {
        (place, component): (weighed, bad, total, allowed) for place, component, weighed, bad, total, allowed in rows
    }
    names = sorted({component for _, component in components})
    prices = {}
    for component in names:
        whole = components[len(edges), component][3] - components[1, component][3]
        prices[component] = 1 / Fraction(whole) if whole else Fraction(0)
    cost = [
        sum(
            (
                Fraction(components[place, component][0] - components[1, component][0]) * prices[component]
                for component in names
            ),
            Fraction(0),
        )
        for place in range(1, len(edges) + 1)
    ]
    scale = (1 - remaining) / cost[-1] if cost[-1] else Fraction(0)
    for place in range(2, len(edges) + 1):
        bad, total = (
            sum(components[place, component][at] - components[place - 1, component][at] for component in names)
            for at in (1, 2)
        )
        yield Spent(
            begins=instant_of(edges[place - 2]),
            ends=instant_of(edges[place - 1]),
            bad=Decimal(bad) / unit,
            total=Decimal(total) / unit,
            remaining=rounded_down(1 - cost[place - 1] * scale),
        )
