"""Which incident an alert goes into: one burn or outage has one, whichever alert of it came first.

Alerts of other systems and burn alerts ask the same question under the lock of their service, so two that come at once
are answered one after the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import AlertKey, AlertOrigin, Incident
from incidents.incident.operations import placing
from incidents.incident.operations.opening import begin_of_alert
from incidents.incident.operations.steps import reopen
from incidents.incident.vocabulary import PriorityBy
from incidents.incident.workflow import OPEN, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.locks import AdvisoryLock

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team

REFIRES = timedelta(minutes=30)  # after which what fires again is another incident
BESIDE = timedelta(minutes=60)  # how old an alert's incident may be that a burn joins
NO_SERVICE = 0


@dataclass(frozen=True, slots=True)
class Found:
    """`how`: opened (anew), joined (it is of another group of alerts), known (this group is in it), reopened.

    `rose`: its priority is higher than it was.
    """

    incident: Incident
    how: str
    rose: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An alert that asks for its incident. `apart`: it is joined to no other group's."""

    service: "Service | None"
    environment: str
    key: str
    origin: AlertOrigin
    at: datetime
    apart: bool = False


@transaction.atomic
def open_from_alert(
    *,
    actor: Actor,
    service: "Service",
    title: str,
    description: str,
    priority: int,
    source_key: str,
    environment: str = "",
    at: datetime | None = None,
) -> Incident:
    """The incident of a burn alert: the same `source_key` opens one. An alert counts as confirmation. `at`: not now.
    A burn that joins what somebody works on already is told in its history, and to who pages.

    Raises NotPermitted for everybody but the system.
    """
    at = at or timezone.now()
    found = incident_for(
        actor=actor, service=service, environment=environment, key=source_key, origin=AlertOrigin.BURN, title=title,
        description=description, priority=priority, source_key=source_key, at=at,
    )  # fmt: skip
    if found.how == "joined":
        told = {"alerts": [None, [title]], "new": [0, 1], "rose": [False, found.rose]}
        lifecycle.announce(found.incident, "alert_joined", actor=actor, changes=told, at=at)
    return found.incident


@transaction.atomic
def incident_for(
    *,
    actor: Actor,
    service: "Service | None",
    environment: str,
    key: str,
    origin: AlertOrigin,
    title: str,
    description: str,
    priority: int,
    source_key: str,
    at: datetime,
    apart: bool = False,
    team: "Team | None" = None,
) -> Found:
    """The incident that an alert belongs to: its group's that is open, else one beside it of the service, else anew.

    `key`: the group of alerts; `source_key`: what a new incident is known by, once. Beside it: an open burn's, for an
    alert; for a burn an alert's that is an hour old at most. Environments differ only where both are said. A group
    whose incident was resolved in the last half hour has it reopened. `team`: the queue of a new one, where that takes
    work. Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom's own alerts open incidents this way."))
    hold_services([service.pk if service is not None else None])
    asked = Asked(service, environment, key, origin, at, apart)
    known = _of_group(asked)
    if known is not None:
        return _gone_on(known, asked, priority, actor)
    beside = None if apart else _beside(asked)
    if beside is not None:
        _note_key(beside, asked)
        return Found(beside, "joined", raise_to(beside, priority, actor=actor))
    again = Incident.objects.filter(source_key=source_key).first()
    if again is not None:  # told twice
        return Found(again, "known")
    values = {
        "title": title[:160], "description": description, "service": service,
        "team": placing.arrived(team, service, None), "priority": priority, "opened_at": at, "source_key": source_key,
    }  # fmt: skip
    incident = begin_of_alert(values, actor=actor)
    _note_key(incident, asked)
    return Found(incident, "opened")


def hold_services(services: Collection[int | None]) -> None:
    """Hold these services (None: what is of none) until the transaction ends: who asks for incidents of several holds
    them all before, in the order that everybody takes. Raises nothing.
    """
    numbers = sorted({NO_SERVICE if one is None else one % 2**31 for one in services})
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.ALERTS_OF_SERVICE, number])


def _of_group(asked: Asked) -> Incident | None:
    """The newest of this group, as far as it goes on: open, or over for a little while; what it lives on in."""
    of_key = AlertKey.objects.filter(key=asked.key).select_related("incident__merged_into", "incident__service")
    newest = of_key.order_by("-id").first()
    if newest is None:
        return None
    incident = newest.incident.merged_into or newest.incident
    if incident.status in OPEN:
        return incident
    if incident.status != Status.RESOLVED or asked.origin != AlertOrigin.ALERT or incident.resolved_at is None:
        return None
    return incident if asked.at - incident.resolved_at <= REFIRES else None


def _gone_on(known: Incident, asked: Asked, priority: int, actor: Actor) -> Found:
    how = "known"
    if known.status == Status.RESOLVED:
        known, how = reopen(known, actor=actor, reason=gettext("It fires again.")), "reopened"
    _note_key(known, asked)
    return Found(known, how, raise_to(known, priority, actor=actor))


def _beside(asked: Asked) -> Incident | None:
    """Of the same service and environment: a burn that an alert belongs to, or the fresh alert of a burn."""
    if asked.service is None:
        return None
    others = AlertKey.objects.filter(service=asked.service, incident__status__in=OPEN, apart=False)
    if asked.environment:
        others = others.filter(environment__in=["", asked.environment])
    if asked.origin == AlertOrigin.BURN:
        others = others.filter(origin=AlertOrigin.ALERT, incident__opened_at__gte=asked.at - BESIDE)
    else:
        others = others.filter(origin=AlertOrigin.BURN)
    found = others.select_related("incident__service").order_by("-id").first()
    return found.incident if found is not None else None


def _note_key(incident: Incident, asked: Asked) -> None:
    values = {
        "origin": asked.origin, "service": asked.service, "environment": asked.environment, "apart": asked.apart,
        "at": asked.at,
    }  # fmt: skip
    AlertKey.objects.get_or_create(incident=incident, key=asked.key, defaults=values)


def raise_to(incident: Incident, priority: int, *, actor: Actor) -> bool:
    """The higher priority stays, whichever alert said it. Whether it rose. Raises nothing of its own."""
    if priority >= incident.priority:
        return False
    with lifecycle.edit(incident, actor=actor, version=None, version_required=False) as current:
        current.priority, current.priority_by = priority, PriorityBy.ALERT.value
        current.priority_why = gettext("an alert that joined it")
    incident.refresh_from_db()
    return True
