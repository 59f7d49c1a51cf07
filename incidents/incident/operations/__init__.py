"""Every write to incidents: one operation per verb, whichever door it came through."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from catalog.models import Service
from catalog.services.queries import read_by_changes_of
from incidents.incident import permissions
from incidents.incident.models import Incident, Priority
from incidents.incident.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.notifications.telling import notify

EDIT = "incidents: edit one that holds changes"
CANCEL = "incidents: cancel one that holds changes"
_HOLDING = ("priority", "major", "service_id")
_SECOND_ROLES = (Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)
_LONGEST_WORDS = 300


def open_incident(
    *,
    actor: Actor,
    title: str,
    description: str = "",
    service: Service | None = None,
    priority: int = Priority.MODERATE,
    major: bool = False,
    at: datetime | None = None,
) -> Incident:
    """Report an incident, as of `at` (now). Only responders may say at once that it is critical or major.

    Raises NotPermitted and InvalidInput.
    """
    if not permissions.participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if not permissions.responders(actor):
        priority, major = max(priority, Priority.MODERATE), False
    with transaction.atomic():
        incident = Incident.objects.create(
            title=title,
            description=description,
            service=service,
            priority=priority,
            major=major,
            reported_by_id=actor.id,
            opened_at=at or timezone.now(),
        )
        return lifecycle.created(incident, actor=actor, changes={"priority": [None, priority], "title": [None, title]})


def open_from_alert(
    *, actor: Actor, service: Service, title: str, description: str, priority: int, source_key: str
) -> Incident:
    """The incident of an alert: the same `source_key` opens one. An alert counts as confirmation.

    Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom's own alerts open incidents this way."))
    with transaction.atomic():
        values = {
            "title": title[:160],
            "description": description,
            "service": service,
            "priority": priority,
            "opened_at": timezone.now(),
        }
        incident, is_new = Incident.objects.get_or_create(source_key=source_key, defaults=values)
        if is_new:
            lifecycle.created(
                incident, actor=actor, changes={"priority": [None, priority], "alert": [None, source_key]}
            )
            _tell_team(incident)
        return incident


def edit(
    incident: Incident, *, actor: Actor, version: int | None, seconded: Confirmation | None = None, **fields: Any
) -> Incident:
    """Change title, description, service, priority, major, assigned_to.

    What would no longer hold changes as before (a lower priority, not major any more, another service) is for people
    without an interest, and a second person confirms it first (`seconded`): until then nothing of it changes, and the
    answer `awaits` that confirmation.

    Raises NotPermitted, InvalidInput and Conflict (an assignee who has left), StaleVersion and VersionRequired.
    """
    if not permissions.responders(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(incident_reference)s.")
            % {"actor_name": actor.name, "incident_reference": incident.reference}
        )
    assignee: User | None = fields.get("assigned_to")
    if assignee is not None and not (assignee.is_active and assignee.is_human):
        raise InvalidInput(gettext("Only active people can be assigned."), {"assigned_to": ["not an active person"]})
    if seconded is not None:  # what it rests on was compared when it was done
        begun = lifecycle.edit(incident, actor=actor, version=None, version_required=False)
    else:
        begun = lifecycle.edit(incident, actor=actor, version=version)
    with transaction.atomic(), begun as current:
        require_active(assignee)
        before = (current.holds_changes, current.priority, current.major, current.service_id)
        for field, value in fields.items():
            setattr(current, field, value)
        kinder = before[0] and (
            current.priority > before[1] or (before[2] and not current.major) or current.service_id != before[3]
        )
        if kinder and seconded is None and not actor.is_system:
            current.refresh_from_db()
            current.awaits = _proposed_edit(current, fields, actor)
    return current


def reassign(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Open incidents of a person who leaves go to the successor, or to nobody, in the caller's transaction.

    Raises nothing.
    """
    for incident in Incident.objects.filter(assigned_to=person).still_open().order_by("pk"):
        with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
            current.assigned_to = successor


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed. Conflict where priority, major or service changed meanwhile."""
    incident, kept = Incident.objects.get(pk=confirmation.record_id), confirmation.payload
    with transaction.atomic():
        current = lifecycle.locked(incident)
        if {name: getattr(current, name) for name in kept["before"]} != kept["before"]:
            raise Conflict(
                gettext("%(incident_reference)s was changed meanwhile; decline this and look again.")
                % {"incident_reference": current.reference}
            )
        edit(current, actor=actor, version=None, seconded=confirmation, **kept["fields"])


def _proposed_edit(incident: Incident, fields: Mapping[str, Any], actor: Actor) -> Confirmation:
    wanted = {f"{name}_id" if isinstance(value, Model) else name: _key(value) for name, value in fields.items()}
    wanted = {"service_id" if name == "service" else name: value for name, value in wanted.items()}
    wanted = {"assigned_to_id" if name == "assigned_to" else name: value for name, value in wanted.items()}
    changed = {name: value for name, value in wanted.items() if getattr(incident, name) != value}
    return propose(
        incident,
        actor=actor,
        at=timezone.now(),
        action=EDIT,
        subject=gettext("Make %(incident_reference)s hold changes less") % {"incident_reference": incident.reference},
        payload={"fields": changed, "before": {name: getattr(incident, name) for name in _HOLDING}},
        differences=[_difference(incident, name, value) for name, value in changed.items()],
        services=_without_interest(incident, actor, gettext("make an incident that holds changes kinder")),
        roles=_SECOND_ROLES,
    )


def _key(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _difference(incident: Incident, name: str, value: Any) -> Difference:
    field: Any = Incident._meta.get_field(name.removesuffix("_id"))
    label = str(field.verbose_name).capitalize()
    after = Incident(**{name: value})
    if name == "priority":
        return Difference(label, incident.get_priority_display(), after.get_priority_display())
    if name.endswith("_id"):
        shown = name.removesuffix("_id")
        return Difference(label, str(getattr(incident, shown) or "–"), str(getattr(after, shown) or "–"))
    if isinstance(value, bool):
        words = {True: gettext("yes"), False: gettext("no")}
        return Difference(label, words[getattr(incident, name)], words[value])
    return Difference(label, str(getattr(incident, name))[:_LONGEST_WORDS], str(value)[:_LONGEST_WORDS])


def _without_interest(incident: Incident, actor: Actor, doing: str) -> list[int]:
    """The services whose changes it holds; NotPermitted for programs and people with an interest in one of them."""
    services = read_by_changes_of([incident.service_id] if incident.service_id is not None else [])
    interest.require_no_interest(actor, services, doing=doing)
    return services


@WORKFLOW.takes("confirm")
def confirm(incident: Incident, *, actor: Actor) -> Incident:
    """A second person has seen it: needed before it can carry an emergency change.

    Raises NotPermitted (also for the reporter) and WrongState.
    """
    reporter = interest.natural_persons([incident.reported_by_id])
    if not permissions.confirmers(actor, incident) or actor.person_id in reporter:
        raise NotPermitted(gettext("Another responder than the reporter confirms an incident."))
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
            _without_interest(held, actor, gettext("resolve an incident that holds changes"))
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


@WORKFLOW.takes("cancel")
def cancel(incident: Incident, *, actor: Actor, reason: str, seconded: Confirmation | None = None) -> Incident:
    """It was none. One that holds changes is cancelled by people without an interest, once a second one confirms.

    Raises WrongState, NotPermitted, and MissingInformation without a reason.
    """
    with transaction.atomic():
        held = lifecycle.locked(incident)
        if held.holds_changes and seconded is None and not actor.is_system:
            WORKFLOW.begin("cancel", actor, held)
            if not is_blank(reason):  # without one it is refused below
                held.awaits = _proposed_cancelling(held, actor, reason)
                return held
        with lifecycle.step(incident, "cancel", actor=actor, remark=reason) as current:
            current.reason = reason
    return current


def cancel_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The cancelling that a second person confirmed. Raises WrongState and NotPermitted."""
    incident = Incident.objects.get(pk=confirmation.record_id)
    cancel(incident, actor=actor, reason=confirmation.payload["reason"], seconded=confirmation)


def _proposed_cancelling(incident: Incident, actor: Actor, reason: str) -> Confirmation:
    return propose(
        incident,
        actor=actor,
        at=timezone.now(),
        action=CANCEL,
        subject=gettext("Cancel %(incident_reference)s, which holds changes")
        % {"incident_reference": incident.reference},
        payload={"reason": reason},
        differences=[
            Difference(gettext("State"), incident.get_status_display(), str(Status.CANCELLED.label)),
            Difference(gettext("Changes of its service"), gettext("wait for it"), gettext("no longer wait for it")),
        ],
        services=_without_interest(incident, actor, gettext("cancel an incident that holds changes")),
        roles=_SECOND_ROLES,
        reason=reason,
    )


def _tell_team(incident: Incident) -> None:
    if incident.service is None or incident.service.team_id is None:
        return
    members = User.objects.filter(teams=incident.service.team_id, is_active=True, account_type=User.AccountType.HUMAN)
    notify(members, f"{incident.reference} {incident.title}", path=incident.get_absolute_url(), record=incident)
