"""How a postmortem begins: people begin one, and what requires one begins it by itself."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.closing import closes_at
from incidents.postmortem import permissions
from incidents.postmortem.models import Postmortem
from incidents.postmortem.operations.telling import tell_required
from incidents.postmortem.operations.timeline import fill
from incidents.postmortem.vocabulary import WORKING_DAYS, Requirement
from incidents.problem.models import Problem
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank

OVERDUE = "postmortem_overdue"


@transaction.atomic
def open_postmortem(
    *,
    actor: Actor,
    incident: Incident | None = None,
    problem: Problem | None = None,
    title: str = "",
    at: datetime | None = None,
) -> Postmortem:
    """Begin the postmortem of an incident or of a problem, its timeline filled from the record.

    Raises NotPermitted, InvalidInput (about neither, or both), Conflict (there is one already).
    """
    if (incident is None) == (problem is None):
        raise InvalidInput(gettext("Name the incident or the problem that it is about."))
    if incident is not None:
        incident = lifecycle.locked(incident)
    if problem is not None:
        problem = lifecycle.locked(problem)
    at = at or timezone.now()
    made = Postmortem(incident=incident, problem=problem, opened_by_id=actor.id, opened_at=at)
    about = made.about
    made.title = title if not is_blank(title) else about.title[:200]
    if not permissions.writers(actor, made):
        raise NotPermitted(
            gettext("%(name)s may not write the postmortem of %(reference)s.")
            % {"name": actor.name, "reference": about.reference}
        )
    known = Postmortem.objects.filter(incident=incident, problem=problem).first()
    if known is not None:
        raise Conflict(
            gettext("%(reference)s has a postmortem: %(postmortem)s. Go on there.")
            % {"reference": about.reference, "postmortem": known.reference},
        )
    made.save(force_insert=True)
    lifecycle.created(made, actor=actor, changes={"about": [None, about.reference]}, at=at)
    fill(made)
    return made


@transaction.atomic
def require(
    incident: Incident, reason: Requirement, *, actor: Actor, why: str = "", at: datetime | None = None
) -> Postmortem:
    """One has to be written of this incident, within five working days of its resolution (of now, while it is open).

    It is begun where there is none. Of what is published or waived nothing is asked any more, and the same reason
    counts once. Raises nothing.
    """
    at = at or timezone.now()
    current = lifecycle.locked(incident)
    found = Postmortem.objects.select_for_update(of=("self",), no_key=True).filter(incident=current).first()
    if found is None:
        system = actor if actor.is_system else Actor.system("postmortems")
        found = open_postmortem(actor=system, incident=current, at=at)
    if found.is_settled or found.is_required_for(reason):
        return found
    with lifecycle.edit(found, actor=actor, version=None, version_required=False, event="required") as postmortem:
        postmortem.required_because = [*postmortem.required_because, {"reason": reason.value, "why": why[:300]}]
        if postmortem.due_at is None:
            postmortem.due_at = closes_at(current.resolved_at or at, WORKING_DAYS, current.team.calendar_id)
            due.schedule(OVERDUE, postmortem.kind, postmortem.pk, postmortem.due_at)
    tell_required(postmortem, actor, why or str(reason.label))
    return postmortem
