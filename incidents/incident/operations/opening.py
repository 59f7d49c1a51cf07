"""How an incident begins: somebody reports it, or an alert does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.incident.operations.majors import propose_as_major
from incidents.incident.operations.routing import route_new
from incidents.incident.operations.telling import is_urgent
from incidents.incident.vocabulary import Channel, Level, Priority, PriorityBy
from itsm import lifecycle, rows
from itsm.accounts.models import Team, User
from itsm.accounts.operations import require_active
from itsm.accounts.queues import members_of
from itsm.assignment import routing
from itsm.fields import values as typed_values
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from itsm.notifications.telling import tell
from itsm.work.labels import labels_in

if TYPE_CHECKING:
    from catalog.models import Service
    from incidents.incident.models import Category

_CHANNELS = {Door.API: Channel.API, Door.WEB: Channel.PORTAL, Door.MAIL: Channel.MAIL}


@transaction.atomic
def open_incident(
    *,
    actor: Actor,
    title: str,
    description: str = "",
    service: "Service | None" = None,
    priority: int | None = None,
    priority_why: str = "",
    impact: int | None = None,
    urgency: int | None = None,
    major: bool = False,
    team: Team | None = None,
    category: "Category | None" = None,
    channel: str = "",
    caller: User | None = None,
    attributes: Mapping[str, Any] | None = None,
    labels: Sequence[str] = (),
    arrives_in: Team | None = None,
    at: datetime | None = None,
) -> Incident:
    """Report an incident, as of `at` (now), for oneself or, as a responder, for a `caller`.

    Without a `priority` the matrix says it, from `urgency` (1-3, medium) and `impact` (1-3, by the service's tier).
    Only responders choose impact, priority, queue, channel, caller and labels, or say at once that it is critical;
    that it is `major` is proposed.
    `attributes`: values of typed fields by key, for requesters of those that they fill in; by mail nobody fills any in.
    `arrives_in`: whose door it came through, such as a mailbox, whoever it was; where that is a queue it lies there.
    Raises NotPermitted and InvalidInput, Conflict for a caller who has left, MissingInformation for required fields.
    """
    if not permissions.participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    responds = permissions.responders(actor)
    if team is not None and responds:
        placing.require_queue(actor, team)
    if caller is not None and responds:
        require_active(caller)
    incident = Incident(
        title=title,
        description=description,
        service=service,
        category=category,
        team=team if team is not None and responds else placing.arrived(arrives_in, service, category),
        channel=channel if channel and responds else _CHANNELS.get(actor.via, Channel.PORTAL),
        caller_id=caller.pk if caller is not None and responds else actor.id,
        opened_by_id=actor.id,
        opened_at=at or timezone.now(),
        impact=impact if impact is not None and responds else placing.impact_of(service),
        urgency=urgency or Level.MEDIUM.value,
        labels=labels_in(labels) if responds else [],
    )
    incident.caller_spoke_at = incident.opened_at
    if incident.channel == Channel.PHONE and actor.is_human:  # who took the call has seen it, and answered
        incident.acknowledged_at = incident.first_response_at = incident.opened_at
        incident.acknowledge_s = incident.response_s = 0
    fills_in = actor if actor.via is not Door.MAIL else Actor.system(actor.name, Door.MAIL)
    incident.attributes = typed_values.begun(
        Incident.kind, attributes or {}, actor=fills_in, works_here=permissions.staff(actor)
    )
    _prioritise(incident, priority, priority_why, responds)
    stored = _store_routed(incident, actor, {"priority": [None, incident.priority], "title": [None, title]})
    if major and responds:
        propose_as_major(stored, actor=actor)
    return stored


def _prioritise(incident: Incident, priority: int | None, why: str, responds: bool) -> None:
    """What a person says holds; else the matrix, which lets nobody but responders make it critical."""
    if priority is not None and responds:
        incident.priority, incident.priority_by, incident.priority_why = priority, PriorityBy.PERSON.value, why
        return
    incident.priority_by = PriorityBy.MATRIX.value
    placing.by_the_matrix(incident)
    if not responds and incident.priority == Priority.CRITICAL:
        incident.priority = Priority.HIGH.value
        incident.priority_why = gettext("%(why)s; somebody who responds says whether it is critical") % {
            "why": incident.priority_why
        }


def _store(incident: Incident, actor: Actor, changes: dict[str, Any]) -> Incident:
    _insert(incident)
    return lifecycle.created(incident, actor=actor, changes=changes)


def _store_routed(incident: Incident, actor: Actor, changes: dict[str, Any]) -> Incident:
    """Stored where the rules put it: they see its fields, and who hears of it sees what they decided."""
    _insert(incident)
    typed_values.mirror(Incident.kind, incident.pk, incident.attributes, incident.attributes)
    return _begin_routed(incident, actor, changes)


def _begin_routed(incident: Incident, actor: Actor, changes: dict[str, Any]) -> Incident:
    outcome = route_new(incident, actor=actor)
    if outcome.team is not None:
        changes = {**changes, "team": [None, str(outcome.team)]}
    if outcome.person is not None:
        changes = {**changes, "assigned_to": [None, str(outcome.person)]}
    lifecycle.created(incident, actor=actor, changes=changes)
    routing.add(incident, outcome)
    return incident


def _insert(incident: Incident) -> None:
    incident.full_clean(
        exclude=[field.name for field in Incident._meta.fields if field.is_relation], validate_constraints=False
    )
    rows.insert(incident)


def begin_following(old: Incident, *, actor: Actor, description: str) -> Incident:
    """A new incident for who answers on one that is over: its caller, service, category and queue, in the caller's
    transaction.

    Raises InvalidInput.
    """
    incident = Incident(
        title=gettext("Again: %(title)s") % {"title": old.title} if len(old.title) < 150 else old.title,
        description=description,
        service=old.service,
        category=old.category,
        team=old.team,
        channel=_CHANNELS.get(actor.via, Channel.PORTAL),
        caller_id=old.caller_id or actor.id,
        opened_by_id=actor.id,
        opened_at=timezone.now(),
        impact=old.impact or placing.impact_of(old.service),
        urgency=old.urgency or Level.MEDIUM.value,
    )
    _prioritise(incident, None, "", responds=False)
    return _store(incident, actor, {"follows": [None, old.reference], "title": [None, incident.title]})


def begin_of_alert(values: Mapping[str, Any], *, actor: Actor) -> Incident:
    """A new incident of an alert, with these values, in the caller's transaction. Raises nothing."""
    incident = Incident(channel=Channel.ALERT, priority_by=PriorityBy.ALERT, **values)
    _insert(incident)
    _begin_routed(incident, actor, {"priority": [None, incident.priority], "alert": [None, incident.source_key]})
    _notify_team(incident)
    return incident


def _notify_team(incident: Incident) -> None:
    if incident.service is None or incident.service.team_id is None:
        return
    members = members_of(incident.service.team_id)
    tell(
        "incident.raised",
        {"team": members.values_list("pk", flat=True)},
        f"{incident.reference} {incident.title}",
        by=None,
        path=incident.get_absolute_url(),
        record=incident,
        urgent=is_urgent(incident),
    )
