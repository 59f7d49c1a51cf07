"""Assignment rules and incidents: what they narrow by, and how what they decide is carried out."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.incident.operations.editing import edit
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.workflow import OPEN
from itsm import lifecycle
from itsm.assignment import routing
from itsm.assignment.deciding import Outcome
from itsm.assignment.models import Routing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState


def route_new(incident: Incident, *, actor: Actor) -> Outcome:
    """Place an incident that was just stored, before anybody hears of it, in the caller's transaction.

    The caller lets `routing.add` follow once its history has begun. Raises nothing.
    """
    outcome = routing.route(incident, actor=actor, why=Routing.Why.CREATED)
    placed: dict[str, Any] = {}
    if outcome.team is not None:
        incident.team = placed["team"] = outcome.team
    if outcome.person is not None:
        incident.assigned_to = placed["assigned_to"] = outcome.person
    if placed:
        incident.save(update_fields=list(placed))
    return outcome


@transaction.atomic
def route_again(incident: Incident, *, actor: Actor) -> Incident:
    """Let the rules place it anew: what nobody chose, and what a rule overrides.

    For who may give work of its queue away. Raises NotPermitted, WrongState (it is over), Merged.
    """
    current = lifecycle.locked(incident)
    if not permissions.workers(actor, current):
        raise NotPermitted(
            gettext("%(actor)s may not route %(reference)s.") % {"actor": actor.name, "reference": current.reference}
        )
    placing.require_assigns(actor, current.team)
    require_unmerged(current, actor)
    if not current.is_open:
        raise WrongState(gettext("%(reference)s is over: it lies in no queue.") % {"reference": current.reference})
    outcome = routing.route(current, actor=actor, why=Routing.Why.AGAIN)
    fields: dict[str, Any] = {}
    if outcome.team is not None:
        fields["team"] = outcome.team
    if outcome.person is not None:
        fields["assigned_to"] = outcome.person
    if fields:  # the rules place where who asks may not
        rules = Actor.system(gettext("the rules, asked by %(name)s") % {"name": actor.name}, actor.via)
        current = edit(current, actor=rules, version=current.version, **fields)
    routing.add(current, outcome)
    return current


def nobody_chose_its_queue(incident: Incident) -> bool:
    """Whether it lies where category, service or nothing at all put it."""
    return incident.team_id == placing.place(incident.service, incident.category).pk


def open_work(people: Collection[int]) -> Mapping[int, int]:
    """How many open incidents each of these people has."""
    rows = Incident.objects.filter(assigned_to__in=people, status__in=OPEN).order_by()
    return dict(rows.values_list("assigned_to").annotate(n=Count("pk")))
