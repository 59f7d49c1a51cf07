"""What failed minute by minute, for who settles what it cost: counts as the budget counts them, whole numbers."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from slo.engine.methods import UNIT, Method
from slo.engine.samples import epoch_minute, instant_of
from slo.objectives.models import Budget, Objective, Outage, OutageCause

# Weighed by component, rounded down in each minute.
_MINUTES = """
WITH counted AS (
  SELECT s.weight_ppm, h.hour * 60 + running.place - 1 AS minute, s.from_minute, s.until_minute,
         running.bad - coalesce(lag(running.bad) OVER own, 0) AS bad
  FROM slo_countedperiod s
  JOIN slo_hourcounts h ON h.series_id = s.series_id AND h.hour >= greatest(s.from_minute, %(first)s) / 60
    AND h.hour <= least(s.until_minute, %(last)s) / 60 AND (h.bad IS NOT NULL OR h.wide_bad IS NOT NULL)
  CROSS JOIN LATERAL unnest(coalesce(h.bad::bigint[], h.wide_bad)) WITH ORDINALITY AS running (bad, place)
  WHERE s.objective_id = %(objective)s
  WINDOW own AS (PARTITION BY s.component, s.from_minute, h.hour ORDER BY running.place)
)
SELECT minute, sum(bad * weight_ppm::numeric) / 1000000 FROM counted
WHERE bad > 0 AND minute >= greatest(from_minute, %(first)s) AND minute < least(until_minute, %(last)s)
GROUP BY minute
"""


class Measured(NamedTuple):
    """An objective as far as it is known: what it allows in its window, in the units of its counts, and its edges.

    `began`: the first minute that was measured; `until`: the end of the newest one (minutes since 1970). `revision`
    grows with every write that was not simply the next minute.
    """

    pk: int
    slug: str
    name: str
    unit: int
    allowed: int
    began: int
    until: int
    revision: int


def measured_objectives(service_id: int, environment: str) -> list[Measured]:
    """The objectives in force of a service in an environment that were ever measured, by slug. One query."""
    rows = (
        Budget.objects.filter(
            objective__service=service_id,
            objective__environment=environment,
            objective__retired_at=None,
            measured_minutes__gt=0,
        )
        .select_related("objective")
        .order_by("objective__slug")
    )
    return [_measured(budget) for budget in rows]


def _measured(budget: Budget) -> Measured:
    objective = budget.objective
    unit = UNIT[Method(objective.method)]
    began = budget.measured_from if budget.measured_from is not None else budget.window_first
    return Measured(
        objective.pk, objective.slug, objective.name, unit, int(budget.allowed * unit), began,
        epoch_minute(budget.watermark), budget.series_revision,
    )  # fmt: skip


def counted_minutes(objective_id: int, first: int, last: int) -> dict[int, int]:
    """Minute -> what failed in it, for [first, last); minutes without a failure are absent. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MINUTES, {"objective": objective_id, "first": first, "last": last})
        return {minute: int(bad) for minute, bad in cursor.fetchall()}


class OutageSpan(NamedTuple):
    """An outage period in minutes since 1970, half-open, and who confirmed what caused it (accounts)."""

    service_id: int
    first: int
    last: int
    confirmed_by: frozenset[int]


def outage_spans(objective_id: int, first: int, last: int) -> list[tuple[int, int]]:
    """The outage periods of an objective that touch [first, last), oldest first. One query."""
    rows = Outage.objects.filter(
        objective=objective_id, cost__gt=0, started_at__lt=instant_of(last), ended_at__gt=instant_of(first)
    ).order_by("started_at")
    return [(epoch_minute(begin), epoch_minute(end)) for begin, end in rows.values_list("started_at", "ended_at")]


def confirmed_outages(service_ids: Collection[int], environment: str, first: int, last: int) -> list[OutageSpan]:
    """Those of these services of which people confirmed a cause, in [first, last), oldest first. One query."""
    rows = (
        OutageCause.objects.filter(
            verdict=OutageCause.Verdict.CONFIRMED, decider__isnull=False, outage__cost__gt=0,
            outage__objective__service__in=service_ids, outage__objective__environment=environment,
            outage__started_at__lt=instant_of(last), outage__ended_at__gt=instant_of(first),
        )
        .order_by("outage__started_at", "outage")
        .values_list("outage", "outage__objective__service", "outage__started_at", "outage__ended_at", "decider")
    )  # fmt: skip
    found: dict[int, OutageSpan] = {}
    for outage, service, begin, end, who in rows:
        known = found.get(outage)
        by = (known.confirmed_by if known else frozenset()) | {who}
        found[outage] = OutageSpan(service, epoch_minute(begin), epoch_minute(end), by)
    return list(found.values())


class History(NamedTuple):
    """How an objective's past stands: the revision of what was measured, and when its outage periods were last found,
    each as (first minute, end, instant)."""

    revision: int
    outages: list[tuple[int, int, datetime]]


def histories(objective_ids: Collection[int], since: datetime) -> dict[int, History]:
    """Of these objectives, with the outage periods that ended after `since`. Two queries."""
    revisions = Budget.objects.filter(pk__in=objective_ids).values_list("pk", "series_revision")
    found = {pk: History(revision, []) for pk, revision in revisions}
    rows = Outage.objects.filter(objective__in=found, ended_at__gt=since).order_by("started_at")
    for objective, begin, end, at in rows.values_list("objective", "started_at", "ended_at", "recomputed_at"):
        found[objective].outages.append((epoch_minute(begin), epoch_minute(end), at))
    return found


def objectives_of(service_ids: Collection[int], environment: str) -> list[int]:
    """The objectives in force of these services in this environment. One query."""
    return list(
        Objective.objects.filter(service__in=service_ids, environment=environment, retired_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
