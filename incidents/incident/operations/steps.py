"""The steps of the incident's table that need no second person; `cancelling` has the one that may."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations.closing import CLOSING, require_may_close, schedule_closing
from incidents.incident.operations.family import locked_with_children, with_each
from incidents.incident.operations.first_contact import solved_at_first_contact
from incidents.incident.operations.holding_changes import services_without_interest
from incidents.incident.operations.telling import tell_caller, tell_desk
from incidents.incident.vocabulary import HoldReason
from incidents.incident.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.raised import require_not_raised
from itsm.clocks import due
from itsm.fields import values as typed_values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted
from itsm.notifications.sayings import saying as _

HOLD_ENDS = "incident_hold_ends"


@WORKFLOW.takes("confirm")
def confirm(incident: Incident, *, actor: Actor) -> Incident:
    """A second person has seen it: needed before it can carry an emergency change.

    Raises NotPermitted (also for the reporter) and WrongState.
    """
    reporter = interest.natural_persons([incident.opened_by_id, incident.caller_id])
    if not permissions.confirmers(actor, incident) or actor.person_id in reporter:
        raise NotPermitted(gettext("Another responder than the reporter confirms an incident."))
    require_not_raised(actor, reporter, reference=incident.reference)
    with lifecycle.step(incident, "confirm", actor=actor) as current:
        current.confirmed_by_id = actor.id
    return current


@WORKFLOW.takes("acknowledge")
def acknowledge(incident: Incident, *, actor: Actor, at: datetime | None = None) -> Incident:
    """Somebody works on it since `at` (now): whoever says so first, where nobody was assigned.

    Raises WrongState and NotPermitted.
    """
    with lifecycle.step(incident, "acknowledge", actor=actor) as current:
        _acknowledged(current, actor, at or timezone.now())
        if current.assigned_to_id is None and actor.is_human:
            current.assigned_to_id = actor.id
    return current


def _acknowledged(incident: Incident, actor: Actor, at: datetime) -> None:
    """The first thing that a person at the desk does about it says that it was seen."""
    if incident.acknowledged_at is None and actor.is_human and permissions.speakers_for_the_desk(actor, incident):
        incident.acknowledged_at = at


@WORKFLOW.takes("hold")
def hold(
    incident: Incident, *, actor: Actor, hold_reason: str, reason: str, hold_until: datetime | None = None
) -> Incident:
    """Work waits for something that the reason names, until an instant or until somebody resumes it.

    For the caller it waits only once they were asked: a public word of the desk since the caller spoke last.
    Raises WrongState, NotPermitted, MissingInformation (no reason, no question), InvalidInput (`hold_until` is over).
    """
    if hold_until is not None and hold_until <= timezone.now():
        raise InvalidInput.about("hold_until", gettext("This instant is over."))
    with lifecycle.step(incident, "hold", actor=actor, remark=reason) as current:
        if hold_reason == HoldReason.CALLER and not was_asked(current):
            raise MissingInformation(
                gettext("Ask first: reply to the caller, then put it on hold."),
                missing=[gettext("a question to the caller since they spoke last")],
            )
        current.hold_reason, current.hold_until, current.reason = hold_reason, hold_until, reason
        if hold_until is not None:
            due.schedule(HOLD_ENDS, current.kind, current.pk, hold_until)
        else:
            due.cancel(current.kind, current.pk, HOLD_ENDS)
    return current


def was_asked(incident: Incident) -> bool:
    """Whether the desk has spoken since the caller did."""
    return incident.agent_spoke_at is not None and (
        incident.caller_spoke_at is None or incident.agent_spoke_at > incident.caller_spoke_at
    )


@WORKFLOW.takes("resume")
def resume(incident: Incident, *, actor: Actor) -> Incident:
    """What it waited for is there. Raises WrongState and NotPermitted."""
    with lifecycle.step(incident, "resume", actor=actor) as current:
        _no_longer_held(current)
    return current


def _no_longer_held(incident: Incident) -> None:
    incident.reason, incident.hold_reason, incident.hold_until = "", "", None
    due.cancel(incident.kind, incident.pk, HOLD_ENDS)


def resume_when_due(incident_id: int, at: datetime) -> None:
    """The instant until which it was on hold has come; nothing where it was resumed, or held anew, meanwhile.

    Raises nothing.
    """
    held = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()
    if held is not None and held.status == Status.ON_HOLD and held.hold_until is not None and held.hold_until <= at:
        resume(held, actor=Actor.system("holds that ended"))


@WORKFLOW.takes("resolve")
def resolve(
    incident: Incident,
    *,
    actor: Actor,
    resolution: str,
    resolution_code: str,
    leave_blocked: bool = False,
    data_loss: bool = False,
    at: datetime | None = None,
) -> Incident:
    """It is over, and so are its open children, each by its own rules; none that refuses, where `leave_blocked`.
    `data_loss`: data was lost in it, for good.

    Of one that holds changes people say so who have no interest in a change that waits for it.
    Raises WrongState, NotPermitted, and MissingInformation without a resolution, its code and the required fields, or
    naming the children that refuse.
    """
    with transaction.atomic():
        held, children = locked_with_children(incident)
        if held.holds_changes and not actor.is_system:
            WORKFLOW.begin("resolve", actor, held)
            services_without_interest(held, actor, gettext("resolve an incident that holds changes"))
        with lifecycle.step(held, "resolve", actor=actor, remark=resolution) as current:
            typed_values.require_to_resolve(current.kind, current.attributes, actor=actor)
            _no_longer_held(current)
            current.resolution, current.resolution_code = resolution, resolution_code
            current.data_loss = data_loss or current.data_loss  # once said, a postmortem answers it
            current.resolved_at = at or timezone.now()
            current.first_contact = solved_at_first_contact(current, actor)
            if current.first_response_at is None:
                current.first_response_at = current.resolved_at
            _acknowledged(current, actor, current.resolved_at)
            schedule_closing(current)
            tell_caller(
                current,
                actor,
                "incident.resolved",
                _("%(incident)s is resolved: %(title)s") % {"incident": current.reference, "title": current.title},
                resolution,
            )
        with_each(
            children,
            lambda child: resolve(
                child, actor=actor, resolution=resolution, resolution_code=resolution_code, at=current.resolved_at
            ),
            actor=actor,
            leave_blocked=leave_blocked,
        )
    return current


@WORKFLOW.takes("reopen")
def reopen(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    """It was not over: the resolution no longer holds. The one who worked on it hears of it.

    Raises WrongState, NotPermitted, and MissingInformation without a reason.
    """
    with lifecycle.step(incident, "reopen", actor=actor, remark=reason) as current:
        current.reason = reason
        current.resolution = current.resolution_code = ""
        current.resolved_at = None
        current.reopened += 1
        due.cancel(current.kind, current.pk, CLOSING)
        if not permissions.speakers_for_the_desk(actor, current):
            current.caller_spoke_at = timezone.now()
        tell_desk(
            current,
            actor,
            "incident.reopened",
            _("%(incident)s was reopened: %(title)s") % {"incident": current.reference, "title": current.title},
            reason,
        )
    return current


@WORKFLOW.takes("close")
def close(incident: Incident, *, actor: Actor) -> Incident:
    """Whoever it is for, or who answers for the desk, agrees that it is over.

    Raises WrongState, NotPermitted, and Conflict where something stops it, such as a postmortem that is not written.
    """
    with lifecycle.step(incident, "close", actor=actor) as current:
        require_may_close(current)
        current.closed_at = timezone.now()
        due.cancel(current.kind, current.pk, CLOSING)
    return current
