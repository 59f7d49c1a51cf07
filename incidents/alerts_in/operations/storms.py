"""A storm: so many alerts of a service, or of all, that they share one incident, which says how many they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from incidents.alerts_in.models import AlertOccurrence
from incidents.alerts_in.operations.wording import INTAKE, described, priority_of
from incidents.escalation.operations import joined
from incidents.incident.models import AlertKey, AlertOrigin, Incident
from incidents.incident.operations import Found, incident_for
from incidents.incident.workflow import OPEN
from itsm import lifecycle
from itsm.clocks import due
from itsm.clocks.models import Due

if TYPE_CHECKING:
    from catalog.models import Service

TELLING = "alerts: a storm goes on"
EVERY = timedelta(minutes=5)
LATELY = timedelta(minutes=60)


def gather(
    alerts: Sequence[AlertOccurrence],
    service: "Service | None",
    *,
    everywhere: bool,
    counts: Mapping[int, int],
    at: datetime,
) -> None:
    """Put these into the storm's incident: the newest of the service of this hour, or the one for all services.

    Raises nothing. In the caller's transaction.
    """
    of = None if everywhere else service
    key = "storm:all" if of is None else f"storm:{of.pk}"
    known = _of_service(service, at) or _open_by_key(key)
    found = (
        Found(known, "joined")
        if known is not None
        else incident_for(
            actor=INTAKE, service=of, environment="", key=key, origin=AlertOrigin.ALERT, title=_title(of),
            description=described(alerts), priority=priority_of(alerts), source_key=f"{key}:{alerts[0].pk}", at=at,
        )
    )  # fmt: skip
    AlertOccurrence.objects.filter(pk__in=[one.pk for one in alerts]).update(incident=found.incident)
    _tell(found.incident, sum(counts.values()) if of is None else counts.get(of.pk, 0), at)


def _title(service: "Service | None") -> str:
    if service is None:
        return gettext("Alerts storm over many services")
    return gettext("Alerts of %(service)s storm") % {"service": service.name}


def _of_service(service: "Service | None", at: datetime) -> Incident | None:
    if service is None:
        return None
    keys = AlertKey.objects.filter(service=service, incident__status__in=OPEN, incident__opened_at__gte=at - LATELY)
    found = keys.select_related("incident").order_by("-id").first()
    return found.incident if found is not None else None


def _open_by_key(key: str) -> Incident | None:
    found = AlertKey.objects.filter(key=key, incident__status__in=OPEN).select_related("incident").order_by("-id")
    newest = found.first()
    return newest.incident if newest is not None else None


def _tell(incident: Incident, count: int, at: datetime) -> None:
    """Once at the beginning, then every five minutes while it grows."""
    open_rows = Due.objects.filter(name=TELLING, record_kind=Incident.kind, record_id=incident.pk)
    if open_rows.filter(done_at=None, given_up_at=None).exists():
        return
    lifecycle.announce(incident, "alert_storm", actor=INTAKE, changes={"alerts": [None, count]}, at=at)
    due.schedule(TELLING, Incident.kind, incident.pk, at + EVERY)


def tell_when_due(incident_id: int, at: datetime) -> None:
    """The due row's work: how many more there were, as long as there were some and it is open. Raises nothing."""
    incident = Incident.objects.filter(pk=incident_id, status__in=OPEN).first()
    if incident is None:
        return
    more = AlertOccurrence.objects.filter(incident=incident, received_at__gt=at - EVERY).count()
    if more:
        joined(incident, [gettext("%(count)d more alerts") % {"count": more}], at)
        lifecycle.announce(incident, "alert_storm", actor=INTAKE, changes={"alerts": [None, more]}, at=at)
        due.schedule(TELLING, Incident.kind, incident.pk, at + EVERY)
