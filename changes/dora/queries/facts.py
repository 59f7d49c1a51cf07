"""The deployments of a service to production that ended in a period, and what else is known of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.environments.queries import production_names
from changes.change.models import Evaluation
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import Result, Rework
from changes.dora.rules import Fact, Judged, Known, judged
from incidents.incident.queries import seen_by
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in

_ENDED = (Result.SUCCEEDED.value, Result.FAILED.value, Result.ROLLED_BACK.value)

_FACTS = """
SELECT e.id, e.environment, extract(epoch FROM e.started_at)::float8, extract(epoch FROM e.finished_at)::float8,
  e.result, e.rework, e.change_id
FROM changes_deploymentevent e
WHERE e.service_id = %(service)s AND e.same_as_id IS NULL AND e.result = ANY(%(ended)s)
  AND e.environment = ANY(%(production)s) AND e.finished_at >= %(since)s AND e.finished_at < %(until)s
ORDER BY e.finished_at, e.id
"""
# What is said of a change elsewhere, of those that were deployed: few of many.
_UNSUCCESSFUL = """
SELECT id FROM changes_change WHERE service_id = %(service)s AND outcome_code = 'unsuccessful' AND status = 'closed'
"""
_DEBITED = "SELECT change_id FROM changes_changecost WHERE failed AND why = 'debit' AND change_id = ANY(%(changes)s)"
_CAUSED = """
SELECT from_id, to_id FROM work_link
WHERE from_kind = 'change' AND from_id = ANY(%(changes)s) AND to_kind = 'incident' AND meaning = 'caused'
"""
_LATER = """
SELECT e.environment, extract(epoch FROM min(e.finished_at))::float8 FROM changes_deploymentevent e
WHERE e.service_id = %(service)s AND e.same_as_id IS NULL AND e.result = 'succeeded'
  AND e.environment = ANY(%(production)s) AND e.finished_at >= %(until)s GROUP BY e.environment
"""


def deployments(actor: Actor, service_id: int, since: datetime, until: datetime) -> list[Judged]:
    """Each deployment that ended in [since, until), by its end: whether it failed, why, and when that was over.

    An incident that the actor may not see is no reason that they are told. Nine queries, whatever their number.
    """
    words: dict[str, Any] = {
        "service": service_id, "since": since, "until": until, "ended": list(_ENDED),
        "production": list(production_names()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, words)
        facts = [Fact._make(row) for row in cursor.fetchall()]
        if not facts:
            return []
        cursor.execute(_LATER, words)
        later = dict[str, float](cursor.fetchall())
        changes = {"changes": sorted({fact.change for fact in facts if fact.change is not None})}
        cursor.execute(_UNSUCCESSFUL, words)
        unsuccessful = frozenset(number for (number,) in cursor.fetchall())
        cursor.execute(_DEBITED, changes)
        debited = frozenset(number for (number,) in cursor.fetchall())
    named = caused(actor, changes["changes"])
    incidents = {
        number: [None if one.resolved_at is None else one.resolved_at.timestamp() for one in those]
        for number, those in named.items()
    }
    return judged(facts, Known(_rollbacks(service_id, since), incidents, debited, unsuccessful, later))


def _rollbacks(service_id: int, since: datetime) -> dict[int, float]:
    """When what took a change back had succeeded, by that change. Two queries."""
    took_back = {
        change_id: end.timestamp()
        for change_id, end in DeploymentEvent.objects.told_once()
        .filter(service_id=service_id, result=Result.SUCCEEDED, rework=Rework.ROLLBACK, finished_at__gte=since)
        .order_by()
        .values_list("change_id", "finished_at")
        if end is not None and change_id is not None
    }
    if not took_back:
        return {}
    found: dict[int, float] = {}
    named = Evaluation.objects.filter(change_id__in=took_back, claims__exception__has_key="rollback_of")
    for change_id, said in named.order_by("asked_at").values_list("change_id", "claims__exception__rollback_of"):
        number = number_in(str(said or ""), "CHG")
        if number is not None and number != change_id:
            found[number] = min(took_back[change_id], found.get(number, float("inf")))
    return found


def caused(actor: Actor, changes: Sequence[int]) -> dict[int, list[Any]]:
    """The incidents that the actor sees and that people linked to one of these changes as caused by it. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_CAUSED, {"changes": list(changes)})
        pairs = cursor.fetchall()
    if not pairs:
        return {}
    seen = {one.pk: one for one in seen_by(actor).filter(pk__in={incident for _change, incident in pairs})}
    found: dict[int, list[Any]] = {}
    for number, incident in pairs:
        if incident in seen:
            found.setdefault(number, []).append(seen[incident])
    return found
