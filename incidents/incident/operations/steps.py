"""The steps of the incident's table that need no second person; `cancelling` has the one that may."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations.holding_changes import services_without_interest
from incidents.incident.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.accounts.raised import require_not_raised
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.notifications.notifying import notify


@WORKFLOW.takes("confirm")
def confirm(incident: Incident, *, actor: Actor) -> Incident:
    """A second person has seen it: needed before it can carry an emergency change.

    Raises NotPermitted (also for the reporter) and WrongState.
    """
    reporter = interest.natural_persons([incident.reported_by_id])
    if not permissions.confirmers(actor, incident) or actor.person_id in reporter:
        raise NotPermitted(gettext("Another responder than the reporter confirms an incident."))
    require_not_raised(actor, reporter, reference=incident.reference)
    with lifecycle.step(incident, "confirm", actor=actor) as current:
        current.confirmed_by_id = actor.id
    return current


@WORKFLOW.takes("acknowledge")
def acknowledge(incident: Incident, *, actor: Actor) -> Incident:
    """Somebody works on it: whoever says so first, where nobody was assigned. Raises WrongState and NotPermitted."""
    with lifecycle.step(incident, "acknowledge", actor=actor) as current:
        if current.assigned_to_id is None and actor.is_human:
            current.assigned_to_id = actor.id
    return current


@WORKFLOW.takes("hold")
def hold(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    """Work waits for something that the reason names; MissingInformation without one.

    Raises WrongState and NotPermitted besides.
    """
    with lifecycle.step(incident, "hold", actor=actor, remark=reason) as current:
        current.reason = reason
    return current


@WORKFLOW.takes("resume")
def resume(incident: Incident, *, actor: Actor) -> Incident:
    """What it waited for is there. Raises WrongState and NotPermitted."""
    with lifecycle.step(incident, "resume", actor=actor) as current:
        current.reason = ""
    return current


@WORKFLOW.takes("resolve")
def resolve(incident: Incident, *, actor: Actor, resolution: str, at: datetime | None = None) -> Incident:
    """It is over. Of one that holds changes people say so who have no interest in a change that waits for it.

    Raises WrongState, NotPermitted, and MissingInformation without a resolution.
    """
    with transaction.atomic():
        held = lifecycle.locked(incident)
        if held.holds_changes and not actor.is_system:
            WORKFLOW.begin("resolve", actor, held)
            services_without_interest(held, actor, gettext("resolve an incident that holds changes"))
        with lifecycle.step(held, "resolve", actor=actor, remark=resolution) as current:
            current.resolution = resolution
            current.resolved_at = at or timezone.now()
            if current.reported_by_id and current.reported_by_id != actor.id:
                notify(
                    [User(pk=current.reported_by_id)],
                    gettext("%(incident)s is resolved: %(title)s")
                    % {"incident": current.reference, "title": current.title},
                    body=resolution,
                    path=current.get_absolute_url(),
                    record=current,
                )
    return current


@WORKFLOW.takes("reopen")
def reopen(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    """It was not over: the resolution no longer holds.

    Raises WrongState, NotPermitted, and MissingInformation without a reason.
    """
    with lifecycle.step(incident, "reopen", actor=actor, remark=reason) as current:
        current.reason = reason
        current.resolution = ""
        current.resolved_at = None
    return current


@WORKFLOW.takes("close")
def close(incident: Incident, *, actor: Actor) -> Incident:
    """Whoever reported it, or who works here, agrees that it is over. Raises WrongState and NotPermitted."""
    with lifecycle.step(incident, "close", actor=actor) as current:
        pass
    return current
