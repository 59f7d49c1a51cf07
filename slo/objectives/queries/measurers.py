"""Who measures what an objective counts: which are measured by interested people alone, what was allowed, and what a
person would leave behind unmeasured.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.accounts.duties import Duty
from itsm.accounts.interest import counting_as, persons_ever_behind
from itsm.accounts.models import User
from itsm.prepared import Prepared
from slo.measuring.models import Indicator, Measurer, QuarantinedSample
from slo.measuring.queries.measurers import SILENT_AFTER
from slo.objectives.models import Objective, SelfMeasuring


@dataclass(frozen=True, slots=True)
class SelfMeasured:
    """An objective that interested people measure: their names, whether alone, and whether an owner's allowance stands.

    Nobody allows it to themselves: the word of one of these people does not count.
    """

    objective_id: int
    measurers: tuple[str, ...]
    alone: bool
    allowed: bool


# Each indicator of each objective, as its terms are now. One that only `persons` measure is enough: who sends it, or
# chose what Headroom itself asks; a program is also theirs who owned it before. Somebody else is a witness who sent
# lately, or is named for what Headroom asks.
_ALONE = Prepared(
    "measured_by_any_of",
    """
WITH persons AS (
  -- Every account that counts as one of these people.
  SELECT ARRAY(
    SELECT id FROM accounts_counting_as(ARRAY(SELECT person FROM accounts_persons(%(accounts)s::bigint[])))
  ) AS ids
),
asked AS (
  SELECT o.id, o.indicator_id, o.terms_version FROM slo_objective o
  WHERE o.service_id = ANY (%(services)s) AND o.environment = %(environment)s AND o.gating AND o.retired_at IS NULL
),
fed AS (
  SELECT id AS objective, indicator_id AS indicator FROM asked WHERE indicator_id IS NOT NULL
  UNION
  SELECT a.id, m.indicator_id FROM asked a
  JOIN slo_objectiveversion v ON v.objective_id = a.id AND v.number = a.terms_version
  JOIN slo_versionmember m ON m.version_id = v.id
),
theirs AS (
  SELECT f.objective, f.indicator,
         array_agg(coalesce(nullif(u.name, ''), u.username) ORDER BY u.username)
           FILTER (WHERE u.id || u.former_owners && p.ids) AS names,
         bool_and(
           u.id || u.former_owners && p.ids
           OR i.source = 'push' AND (m.last_sent_at IS NULL OR m.last_sent_at < %(since)s)
         ) AS alone
  FROM fed f
  JOIN slo_indicator i ON i.id = f.indicator
  JOIN slo_measurer m ON m.indicator_id = f.indicator
  JOIN accounts_user u ON u.id = m.account_id
  CROSS JOIN persons p
  GROUP BY f.objective, f.indicator
  HAVING bool_or(u.id || u.former_owners && p.ids)
)
SELECT a.objective, array_agg(DISTINCT n.name ORDER BY n.name), bool_or(a.alone),
       EXISTS (
         SELECT FROM slo_selfmeasuring s JOIN accounts_user w ON w.id = s.allowed_by_id CROSS JOIN persons p
         WHERE s.objective_id = a.objective AND s.ended_at IS NULL AND s.until >= %(today)s
           AND w.id <> ALL (p.ids)
       )
FROM theirs a CROSS JOIN LATERAL unnest(a.names) AS n (name)
GROUP BY a.objective
""",
    accounts="bigint[]",
    services="bigint[]",
    since="timestamptz",
    today="date",
)


def measured_by_any_of(
    accounts: Collection[int], service_ids: Collection[int], environment: str, at: datetime
) -> dict[int, SelfMeasured]:
    """Gating objectives of these services that the people behind these accounts measure, alone or beside others.

    One query. A program measures for its owner.
    """
    if not accounts:
        return {}
    values: dict[str, Any] = {
        "accounts": list(accounts), "services": list(service_ids), "environment": environment,
        "since": at - SILENT_AFTER, "today": at.date(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        _ALONE.run(cursor, values)
        return {row[0]: SelfMeasured(row[0], tuple(row[1]), *row[2:]) for row in cursor.fetchall()}


def fed_objectives(indicator_id: int) -> list[Objective]:
    """The gating objectives in force that count what this indicator measures, with their services."""
    fed = Objective.objects.in_force().filter(gating=True, counted_periods__series__members__indicator=indicator_id)
    return list(fed.select_related("service__team").distinct().order_by("pk"))


def persons_behind_objective(objective_id: int) -> frozenset[int]:
    """The natural persons who send, or whose programs send or once were theirs, what an objective counts."""
    measurers = Measurer.objects.filter(indicator__feeds__series__counted_periods__objective=objective_id)
    return persons_ever_behind(measurers.values_list("account", flat=True))


def kept_aside(objective: Objective) -> QuerySet[QuarantinedSample]:
    """Samples of an objective's indicators that do not count until a person says so."""
    fed = QuarantinedSample.objects.waiting().filter(
        indicator__feeds__series__in=objective.counted_periods.values("series")
    )
    return fed.select_related("indicator").distinct()


def standing_allowance(objective: Objective, at: datetime) -> SelfMeasuring | None:
    """The owner's word that who measures it may get automatic answers by it, as far as it stands."""
    found = SelfMeasuring.objects.filter(objective=objective, ended_at=None, until__gte=at.date())
    return found.select_related("allowed_by").first()


def measuring(person: int) -> "list[QuerySet[Measurer]]":
    """Where they, a program of theirs or an account that was merged into theirs, with its programs, measures."""
    return [Measurer.objects.filter(account__in=counting_as(person))]


def measured_alone_by(person: User) -> list[Duty]:
    """Objectives whose measurements only this person, or a program of theirs, sends or answers for."""
    accounts = counting_as(person.pk)
    others = Measurer.objects.filter(account__is_active=True).exclude(account__in=accounts)
    alone = Indicator.objects.filter(measurers__account__in=accounts).exclude(pk__in=others.values("indicator"))
    objectives = {one.pk: one for indicator in alone.distinct() for one in fed_objectives(indicator.pk)}
    return [
        Duty(
            what=gettext("objective that only they measure"),
            reference=one.slug,
            name=one.name,
            path=one.get_absolute_url(),
            otherwise=gettext("is measured by nobody until another measurer is named"),
        )
        for one in sorted(objectives.values(), key=lambda one: one.slug)
    ]
