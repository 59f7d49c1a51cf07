"""Reads of the desk: what waits for me, what burns, what is open, what changed. Their number is fixed."""

from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Service
from changes.change.queries.list_rows import ListRow, list_rows
from changes.change.workflow import OVER
from changes.models import Change
from incidents.incident import queries as incidents
from incidents.models import Incident, Priority
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import waiting_for
from itsm.kernel.actors import Actor
from slo.models import Budget
from slo.objectives import queries as slo

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """An ask with the change it is about, and why people decide."""

    ask: ApprovalRequest
    change: Change
    reason: str


def asks(actor: Actor) -> list[Waiting]:
    """What this person is asked to decide, the most pressing first."""
    found = list(waiting_for(actor).filter(record_kind=Change.kind)[:SHOWN])
    changes = Change.objects.select_related("service").in_bulk([ask.record_id for ask in found])
    rows = {row.change.pk: row for row in list_rows(list(changes.values()))}
    known = [(ask, rows[ask.record_id]) for ask in found if ask.record_id in rows]
    return [Waiting(ask, row.change, row.reason) for ask, row in known]


def waiting_count(actor: Actor) -> int:
    """For the navigation: no further than a hundred."""
    return waiting_for(actor)[:100].count()


def my_incidents(actor: Actor) -> list[Incident]:
    """Open incidents that this actor works on or reported, the gravest first."""
    mine = Q(assigned_to=actor.id) | Q(reported_by=actor.id)
    return list(incidents.listed(actor).filter(mine).still_open().order_by("priority", "id")[:SHOWN])  # type: ignore[attr-defined]


def my_changes(actor: Actor) -> list[ListRow]:
    """What this person asked for or implements, with where it stands and what it waits for."""
    mine = Q(requested_by=actor.id) | Q(implementer=actor.id)
    open_ones = Change.objects.visible_to(actor).filter(mine).exclude(status__in=OVER)
    return list_rows(list(open_ones.select_related("service")[:SHOWN]))


def worst_budgets(actor: Actor) -> list[Budget]:
    """The first rows of the overview of objectives, the worst budgets first."""
    return list(slo.all_objectives(actor)[:SHOWN])


def grave_incidents(actor: Actor) -> list[Incident]:
    """Open incidents that are critical or major, the gravest first."""
    grave = Q(priority=Priority.CRITICAL) | Q(major=True)
    return list(incidents.listed(actor).filter(grave).still_open().order_by("priority", "id")[:SHOWN])  # type: ignore[attr-defined]


def recent_changes(actor: Actor) -> list[Change]:
    """The first changes that this actor may see, in the model's order."""
    return list(Change.objects.visible_to(actor).select_related("service")[:SHOWN])


def has_services() -> bool:
    """Whether the catalog holds any service."""
    return Service.objects.exists()
