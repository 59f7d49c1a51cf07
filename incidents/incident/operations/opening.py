"""How an incident begins: somebody reports it, or an alert does."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.notifications.notifying import notify

if TYPE_CHECKING:
    from catalog.models import Service


def open_incident(
    *,
    actor: Actor,
    title: str,
    description: str = "",
    service: "Service | None" = None,
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
    *, actor: Actor, service: "Service", title: str, description: str, priority: int, source_key: str
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
            _notify_team(incident)
        return incident


def _notify_team(incident: Incident) -> None:
    if incident.service is None or incident.service.team_id is None:
        return
    members = User.objects.filter(teams=incident.service.team_id, is_active=True, account_type=User.AccountType.HUMAN)
    notify(members, f"{incident.reference} {incident.title}", path=incident.get_absolute_url(), record=incident)
