"""A storm: so many alerts of a service, or of all, that they share one incident, which says how many they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from incidents.alerts_in.models import AlertOccurrence
from incidents.alerts_in.operations.wording import INTAKE, described, priority_of
from incidents.escalation.operations import joined
from incidents.incident.models import AlertKey, AlertOrigin, Incident
from incidents.incident.operations import incident_for, raise_to
from incidents.incident.workflow import OPEN
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.clocks import due
from itsm.clocks.models import Due

if TYPE_CHECKING:
    from catalog.models import Service

TELLING = "alerts: a storm goes on"
EVERY = timedelta(minutes=5)
LATELY = timedelta(minutes=60)


def gather(alerts: Sequence[AlertOccurrence], *, everywhere: bool, counts: Mapping[int, int], at: datetime) -> None:
    """Put these into the incidents of their storm: the newest of each service of this hour, else one of the service;
    where it storms `everywhere` and a service has none yet, the one for all. What a rule sends to a queue has a storm
    of its own there: not everybody reads what lies in it. The highest priority of them stays.

    Raises nothing. In the caller's transaction.
    """
    known = _of_services({one.service_id for one in alerts if one.service_id is not None}, at)
    ordered = sorted(alerts, key=_place)
    shared: list[AlertOccurrence] = []
    met: dict[int, Incident] = {}
    for (service_id, team), some in groupby(ordered, key=_place):
        group = list(some)
        incident = known.get(service_id) if not team else None
        if incident is not None:
            raise_to(incident, priority_of(group), actor=INTAKE)
        elif everywhere and not team:
            shared += group
            continue
        else:
            incident = _storm_of(group[0].service, group, at, team)
        _belong(group, incident, met)
    if shared:
        _belong(shared, _storm_of(None, shared, at), met)
    AlertOccurrence.objects.bulk_update(alerts, ["incident"])
    _tell(met, sum(counts.values()) if everywhere else max(counts.values()), at)


def _place(alert: AlertOccurrence) -> tuple[int, str]:
    """Its service, and the queue that a rule sends it to."""
    way = getattr(alert, "routed", None)
    return alert.service_id or 0, way.team if way is not None else ""


def _belong(alerts: Sequence[AlertOccurrence], incident: Incident, met: dict[int, Incident]) -> None:
    met[incident.pk] = incident
    for one in alerts:
        one.incident = incident


def _of_services(services: Collection[int], at: datetime) -> dict[int, Incident]:
    """Service -> its newest open incident of alerts, of the last hour. One query."""
    keys = AlertKey.objects.filter(
        service__in=services, incident__status__in=OPEN, incident__opened_at__gte=at - LATELY
    )
    return {one.service_id or 0: one.incident for one in keys.select_related("incident").order_by("id")}


def _storm_of(
    service: "Service | None", alerts: Sequence[AlertOccurrence], at: datetime, queue: str = ""
) -> Incident:  # fmt: skip
    """The storm's own incident of a service, of a queue, or of all: the one that is open, else a new one."""
    team = Team.objects.filter(slug=queue, retired_at=None).first() if queue else None
    key = "storm:all" if service is None else f"storm:{service.pk}"
    key = f"{key}:{team.pk}" if team is not None else key
    of = service or team
    title = (
        gettext("Alerts storm over many services")
        if of is None
        else gettext("Alerts of %(service)s storm") % {"service": of.name}
    )
    return incident_for(
        actor=INTAKE, service=service, environment="", key=key, origin=AlertOrigin.ALERT, title=title,
        description=described(alerts), priority=priority_of(alerts), source_key=f"{key}:{alerts[0].pk}", at=at,
        team=team,
    ).incident  # fmt: skip


def _tell(incidents: Mapping[int, Incident], count: int, at: datetime) -> None:
    """Once at the beginning of each, then every five minutes while it grows."""
    promised = Due.objects.filter(
        name=TELLING, record_kind=Incident.kind, record_id__in=list(incidents), done_at=None, given_up_at=None
    )
    for number in sorted(set(incidents) - set(promised.values_list("record_id", flat=True))):
        joined(incidents[number], [gettext("%(count)d more alerts") % {"count": count}], at)
        lifecycle.announce(incidents[number], "alert_storm", actor=INTAKE, changes={"alerts": [None, count]}, at=at)
        due.schedule(TELLING, Incident.kind, number, at + EVERY)


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
