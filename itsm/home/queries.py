"""Reads of the desk: what waits for me, what burns, what is open, what changed. Their number is fixed."""

from typing import TYPE_CHECKING

from django.db.models import Q

from catalog.services.queries import every_service
from changes.change.queries import desk as changes
from changes.change.queries.desk import Waiting
from changes.change.queries.list_rows import ListRow
from incidents.incident import queries as incidents
from incidents.incident.vocabulary import Priority
from itsm.kernel.actors import Actor
from slo.objectives import queries as slo

if TYPE_CHECKING:
    from changes.models import Change
    from incidents.models import Incident
    from slo.models import Budget

SHOWN = 8


def asks(actor: Actor) -> list[Waiting]:
    """What this person is asked to decide, the most pressing first."""
    return changes.asks(actor, SHOWN)


def my_incidents(actor: Actor) -> "list[Incident]":
    """Open incidents that this actor works on or reported, the gravest first; what somebody reported is not shown to
    who looks with their rights."""
    mine = Q(assigned_to=actor.whose_work)
    if not actor.looks_only:
        mine |= Q(caller=actor.id) | Q(opened_by=actor.id)
    return list(incidents.for_list(actor).filter(mine).still_open().order_by("priority", "id")[:SHOWN])  # type: ignore[attr-defined]


def my_changes(actor: Actor) -> list[ListRow]:
    """What this person asked for or implements, with where it stands and what it waits for."""
    return changes.mine(actor, SHOWN)


def worst_budgets(actor: Actor) -> "list[Budget]":
    """The first rows of the overview of objectives, the worst budgets first."""
    return list(slo.all_objectives(actor)[:SHOWN])


def grave_incidents(actor: Actor) -> "list[Incident]":
    """Open incidents that are critical or major, the gravest first."""
    grave = Q(priority=Priority.CRITICAL) | Q(major=True)
    return list(incidents.for_list(actor).filter(grave).still_open().order_by("priority", "id")[:SHOWN])  # type: ignore[attr-defined]


def recent_changes(actor: Actor) -> "list[Change]":
    """The first changes that this actor may see, in the model's order."""
    return changes.recent(actor, SHOWN)


def has_services() -> bool:
    """Whether the catalog holds any service."""
    return every_service().exists()
