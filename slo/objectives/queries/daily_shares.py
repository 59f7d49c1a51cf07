"""What share of each day an objective found good: what corrections exclude does not count, as nowhere."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from slo.engine.samples import epoch_minute
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.counting import SAID, counted

_SUMS = counted(
    """
WITH place AS (SELECT n, minute FROM unnest(%(minutes)s::bigint[]) WITH ORDINALITY AS p (minute, n))
SELECT place.n, s.component, s.weight_ppm, sum(p.bad), sum(p.total)
FROM slo_objective o
JOIN slo_countedperiod s
  ON s.objective_id = o.id AND s.from_minute < %(last)s AND s.until_minute > %(first)s
JOIN slo_series r ON r.id = s.series_id
CROSS JOIN place
CROSS JOIN LATERAL COUNTED p
WHERE o.id = %(objective)s
GROUP BY place.n, s.component, s.weight_ppm
ORDER BY s.component, s.weight_ppm, place.n
""",
    "place.minute",
)


def daily_shares(slug: str, edges: Sequence[datetime]) -> list[Decimal | None] | None:
    """The good share (0 to 1) between each edge and the next, None where nothing was counted there.

    Of a composite the members' shares by their weights. None where there is no such objective. Two queries. Read
    without anybody's rights: what is shown of it is a number.
    """
    budget = Budget.objects.filter(objective__slug=slug, objective__retired_at=None).first()
    if budget is None:
        return None
    known_to = epoch_minute(budget.watermark) if budget.measured_minutes else 0
    minutes = [min(epoch_minute(edge), known_to) for edge in edges]
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS,
            {
                "minutes": minutes, "first": minutes[0], "last": minutes[-1], "objective": budget.pk,
                **SAID,
            },
        )  # fmt: skip
        return _shares(cursor.fetchall(), len(edges) - 1)


def _shares(rows: Sequence[tuple[int, int, int, int, int]], count: int) -> list[Decimal | None]:
    lost = [Decimal(0)] * count
    weighed = [0] * count
    before: tuple[int, int, int, int, int] | None = None
    for row in rows:
        if before is not None and before[1:3] == row[1:3]:
            bad, total = row[3] - before[3], row[4] - before[4]
            if total > 0:
                lost[row[0] - 2] += Decimal(row[2]) * Decimal(bad) / Decimal(total)
                weighed[row[0] - 2] += row[2]
        before = row
    return [max(Decimal(0), 1 - gone / weight) if weight else None for gone, weight in zip(lost, weighed, strict=True)]


def is_known(slug: str) -> bool:
    """Whether an objective in force has this slug."""
    return Objective.objects.in_force().filter(slug=slug).exists()
