"""The deployments of a service to production that ended in a period, and what else is known of them."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from catalog.environments.queries import production_names
from changes.change.models import Change, Evaluation
from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import Result, Rework
from changes.dora.rules import Fact, Judged, Known, judged
from changes.ledger.models import ChangeCost
from changes.ledger.vocabulary import FailedBy
from incidents.incident.queries import seen_by
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in
from itsm.work.models import Link

_ENDED = (Result.SUCCEEDED.value, Result.FAILED.value, Result.ROLLED_BACK.value)

_FACTS = """
SELECT e.id, e.environment, extract(epoch FROM e.started_at)::float8, extract(epoch FROM e.finished_at)::float8,
  e.result, e.rework, e.change_id, coalesce(c.status = 'closed' AND c.outcome_code = 'unsuccessful', false)
FROM changes_deploymentevent e LEFT JOIN changes_change c ON c.id = e.change_id
WHERE e.service_id = %(service)s AND e.same_as_id IS NULL AND e.result = ANY(%(ended)s)
  AND e.environment = ANY(%(production)s) AND e.finished_at >= %(since)s AND e.finished_at < %(until)s
ORDER BY e.finished_at, e.id
"""
_LATER = """
SELECT e.environment, extract(epoch FROM min(e.finished_at))::float8 FROM changes_deploymentevent e
WHERE e.service_id = %(service)s AND e.same_as_id IS NULL AND e.result = 'succeeded'
  AND e.environment = ANY(%(production)s) AND e.finished_at >= %(until)s GROUP BY e.environment
"""


def deployments(actor: Actor, service_id: int, since: datetime, until: datetime) -> list[Judged]:
    """Each deployment that ended in [since, until), by its end: whether it failed, why, and when that was over.

    An incident that the actor may not see is no reason that they are told. Seven queries, whatever their number.
    """
    words: dict[str, Any] = {
        "service": service_id, "since": since, "until": until, "ended": list(_ENDED),
        "production": list(production_names()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, words)
        facts = [Fact(*row) for row in cursor.fetchall()]
        cursor.execute(_LATER, words)
        later = dict[str, float](cursor.fetchall())
    if not facts:
        return []
    changes = {fact.change for fact in facts if fact.change is not None}
    return judged(
        facts,
        Known(
            rollbacks={number: end for number, end in _rollbacks(service_id, since).items() if number in changes},
            incidents=_incidents(actor, service_id, since, until, changes),
            debited=_debited(service_id, since, until),
            later=later,
        ),
    )


def _rollbacks(service_id: int, since: datetime) -> dict[int, float]:
    """When what took a change back had succeeded, by that change. Two queries."""
    took_back = {
        change_id: end.timestamp()
        for change_id, end in DeploymentEvent.objects.told_once()
        .filter(service_id=service_id, result=Result.SUCCEEDED, finished_at__gte=since, change__isnull=False)
        .filter(Q(rework=Rework.ROLLBACK) | Q(change__purpose="rollback"))
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


def _debited(service_id: int, since: datetime, until: datetime) -> frozenset[int]:
    """The changes that cost more of a budget than was reserved for them, as the ledger stands. One query."""
    dear = ChangeCost.objects.filter(failed=True, why=FailedBy.DEBIT)
    return frozenset(
        dear.filter(change_id__in=_changes_of(service_id, since, until)).values_list("change_id", flat=True)
    )


def _changes_of(service_id: int, since: datetime, until: datetime) -> Any:
    """The numbers of the changes whose deployments ended in the period, to ask by."""
    ended = DeploymentEvent.objects.filter(service_id=service_id, same_as=None, change__isnull=False)
    return ended.filter(finished_at__gte=since, finished_at__lt=until).order_by().values("change_id")


def _incidents(
    actor: Actor, service_id: int, since: datetime, until: datetime, changes: set[int]
) -> dict[int, list[float | None]]:
    """When the incidents were resolved that name a change as their cause, by that change. Two queries."""
    return {
        number: [None if resolved is None else resolved.timestamp() for _incident, resolved in those]
        for number, those in caused(actor, service_id, since, until).items()
        if number in changes
    }


def caused(
    actor: Actor, service_id: int, since: datetime, until: datetime
) -> dict[int, list[tuple[Any, datetime | None]]]:
    """The incidents that the actor sees and that people linked to a change of the period as caused by it."""
    arrows = Link.objects.filter(
        from_kind=Change.kind,
        from_id__in=_changes_of(service_id, since, until),
        to_kind="incident",
        meaning=Link.Meaning.CAUSED,
    ).values_list("from_id", "to_id")
    pairs = list(arrows)
    if not pairs:
        return {}
    seen = {one.pk: one for one in seen_by(actor).filter(pk__in={incident for _change, incident in pairs})}
    found: dict[int, list[tuple[Any, datetime | None]]] = {}
    for number, incident in pairs:
        if incident in seen:
            found.setdefault(number, []).append((seen[incident], seen[incident].resolved_at))
    return found
