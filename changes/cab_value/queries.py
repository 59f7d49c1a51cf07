"""The facts of the report: how the changes of a period went, told apart by who decided about them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from catalog.services.queries import visible_services
from changes.cab_value.rules import Compared, Stratum, compared
from changes.change.queries.past_runs import DECIDED, FAILED, WAITED
from itsm.kernel.actors import Actor

# As a back-test counts; risk, class, purpose and tier as they stood in the decision, which nobody alters.
_STRATA = f"""
WITH decided AS MATERIALIZED (
  SELECT DISTINCT change_id FROM changes_decision WHERE decided_at >= %(since)s AND decided_at < %(until)s
), told AS MATERIALIZED (
  SELECT d.id, d.verdict->>'risk' AS risk, (d.verdict->>'change_class') || '/' || (d.verdict->>'purpose') AS kind,
    coalesce(d.evidence#>>'{{reach,value,direct,0,tier}}', '') AS tier,
    date_trunc('quarter', d.decided_at, 'UTC') AS quarter,
    d.outcome IN ('peer', 'cab') AS by_people, d.decided_at,
    {FAILED} AS failed,
    coalesce(extract(epoch FROM w.took)::float8, 0) AS waited
  FROM decided
  JOIN changes_change c ON c.id = decided.change_id
  {DECIDED}
  {WAITED}
  WHERE c.status = 'closed' AND c.started_at IS NOT NULL AND c.service_id = ANY(%(services)s)
    AND d.outcome IN ('approved', 'exception', 'peer', 'cab')
    AND d.decided_at >= %(since)s AND d.decided_at < %(until)s
)
SELECT risk,
  coalesce(array_agg(failed ORDER BY decided_at, id) FILTER (WHERE by_people), '{{}}'),
  coalesce(array_agg(failed ORDER BY decided_at, id) FILTER (WHERE NOT by_people), '{{}}'),
  coalesce(array_agg(waited ORDER BY waited) FILTER (WHERE by_people), '{{}}')
FROM told GROUP BY risk, kind, tier, quarter ORDER BY risk, kind, tier, quarter
"""  # noqa: S608 - all of it is written in our own modules


class Waiting(NamedTuple):
    """What people's deciding took, from the ask to the answer, in hours."""

    median: float | None
    total: float


class RiskValue(NamedTuple):
    """One risk class of the report."""

    compared: Compared
    waiting: Waiting

    def cost(self, rate: Decimal | None) -> Decimal | None:
        """Of all the waiting, at so much an hour; None where no rate is stated."""
        return None if rate is None else (Decimal(str(self.waiting.total)) * rate).quantize(Decimal("0.01"))


def cab_value(actor: Actor, since: datetime, until: datetime) -> list[RiskValue]:
    """Of the changes decided in [since, until) that ran and are closed, as far as the actor sees their services.

    Two queries.
    """
    services = list(visible_services(actor).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_STRATA, {"since": since, "until": until, "services": services})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found = compared(Stratum(risk, people, automatic) for risk, people, automatic, _waited in rows)
    return [
        RiskValue(one, _waiting([seconds for risk, _p, _a, waited in rows if risk == one.risk for seconds in waited]))
        for one in found
    ]


def _waiting(seconds: list[float]) -> Waiting:
    hours = sorted(max(0.0, one) / 3600 for one in seconds)
    middle = len(hours) // 2
    if not hours:
        return Waiting(None, 0.0)
    median = hours[middle] if len(hours) % 2 else (hours[middle - 1] + hours[middle]) / 2
    return Waiting(round(median, 2), round(sum(hours), 2))
