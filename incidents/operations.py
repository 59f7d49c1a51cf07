"""Every write to incidents: one operation per verb, whichever door it came through."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.models import Service
from incidents import policies
from incidents.models import Incident, Priority
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.telling import tell


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
    """Report an incident, as of `at` (now). Only responders may say at once that it is critical or major."""
    if not policies.participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if not policies.responders(actor):
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
    """The incident of an alert: the same `source_key` opens one. An alert counts as confirmation."""
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


def edit(incident: Incident, *, actor: Actor, version: int | None, **fields: Any) -> Incident:
    """Change title, description, service, priority, major, assigned_to."""
    if not policies.responders(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(incident_reference)s.")
            % {"actor_name": actor.name, "incident_reference": incident.reference}
        )
    assignee: User | None = fields.get("assigned_to")
    if assignee is not None and not (assignee.is_active and assignee.is_human):
        raise InvalidInput(gettext("Only active people can be assigned."), {"assigned_to": ["not an active person"]})
    with lifecycle.edit(incident, actor=actor, version=version) as current:
        for field, value in fields.items():
            setattr(current, field, value)
    return current


def confirm(incident: Incident, *, actor: Actor) -> Incident:
    """A second person has seen it: needed before it can carry an emergency change."""
    if not policies.confirmers(actor, incident):
        raise NotPermitted(gettext("Another responder than the reporter confirms an incident."))
    with lifecycle.edit(incident, actor=actor, version=None, version_required=False, event="confirmed") as current:
        current.confirmed_by_id = actor.id
    return current


def acknowledge(incident: Incident, *, actor: Actor) -> Incident:
    with lifecycle.step(incident, "acknowledge", actor=actor) as current:
        if current.assigned_to_id is None and actor.is_human:
            current.assigned_to_id = actor.id
    return current


def hold(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    with lifecycle.step(incident, "hold", actor=actor, remark=reason) as current:
        current.reason = reason
    return current


def resume(incident: Incident, *, actor: Actor) -> Incident:
    with lifecycle.step(incident, "resume", actor=actor) as current:
        current.reason = ""
    return current


def resolve(incident: Incident, *, actor: Actor, resolution: str, at: datetime | None = None) -> Incident:
    with lifecycle.step(incident, "resolve", actor=actor, remark=resolution) as current:
        current.resolution = resolution
        current.resolved_at = at or timezone.now()
        if current.reported_by_id and current.reported_by_id != actor.id:
            tell(
                [User(pk=current.reported_by_id)],
                f"{current.reference} is resolved: {current.title}",
                body=resolution,
                path=current.get_absolute_url(),
                record=current,
            )
    return current


def reopen(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    with lifecycle.step(incident, "reopen", actor=actor, remark=reason) as current:
        current.reason = reason
        current.resolution = ""
        current.resolved_at = None
    return current


def close(incident: Incident, *, actor: Actor) -> Incident:
    with lifecycle.step(incident, "close", actor=actor) as current:
        pass
    return current


def cancel(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    with lifecycle.step(incident, "cancel", actor=actor, remark=reason) as current:
        current.reason = reason
    return current


def _tell_team(incident: Incident) -> None:
    if incident.service is None or incident.service.team_id is None:
        return
    members = User.objects.filter(teams=incident.service.team_id, is_active=True, nature=User.Nature.HUMAN)
    tell(members, f"{incident.reference} {incident.title}", path=incident.get_absolute_url(), record=incident)
