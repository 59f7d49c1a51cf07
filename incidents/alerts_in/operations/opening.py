"""Incidents of what fires: one for each group of alerts, one for a service in a storm, one for all in a great one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count

from incidents.alerts_in.models import AlertOccurrence
from incidents.alerts_in.operations import storms
from incidents.alerts_in.operations.wording import INTAKE, described, priority_of, source_key, titles_of
from incidents.alerts_in.queries import routes
from incidents.alerts_in.rules import storms as storm_rules
from incidents.escalation import queries
from incidents.incident.models import AlertOrigin, Incident
from incidents.incident.operations import Found, hold_services, incident_for
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.paging import operations as paging
from itsm.paging.models import EscalationPolicy

if TYPE_CHECKING:
    from catalog.models import Service


@dataclass(frozen=True, slots=True)
class _Group:
    """Alerts that belong into one incident."""

    key: str
    service: "Service | None"
    environment: str
    way: routes.Way
    alerts: Sequence[AlertOccurrence]


def open_for(alerts: Sequence[AlertOccurrence], *, at: datetime) -> None:
    """An incident for each of these, which fire anew; joined where one is open. In the caller's transaction."""
    if not alerts:
        return
    counts = _of_last_minute(at)
    everywhere = storm_rules.is_everywhere(counts)
    hold_services({one.service_id for one in alerts} | ({None} if everywhere else set()))
    stormy = [one for one in alerts if storm_rules.is_storm(counts, one.service_id or 0)]
    if stormy:
        storms.gather(stormy, everywhere=everywhere, counts=counts, at=at)
        _page_in_storm(stormy, at)
    gathered = {one.pk for one in stormy}
    for group in _grouped([one for one in alerts if one.pk not in gathered]):
        _open_one(group, at)


def _of_last_minute(at: datetime) -> dict[int, int]:
    fresh = AlertOccurrence.objects.filter(received_at__gt=at - storm_rules.WINDOW).exclude(quiet__isnull=False)
    rows = fresh.order_by().values("service").annotate(count=Count("pk")).values_list("service", "count")
    return {service or 0: count for service, count in rows}


def _grouped(alerts: Sequence[AlertOccurrence]) -> list[_Group]:
    """By the keys of their services, in an order that is the same for everybody: locks are taken in it."""
    ordered = sorted(alerts, key=lambda one: (one.service_id or 0, one.group_key, one.pk))
    found = []
    for key, some in groupby(ordered, key=lambda one: one.group_key):
        group = list(some)
        first = group[0]
        found.append(_Group(f"alert:{key}", first.service, first.environment, _way(first), group))
    return found


def _way(alert: AlertOccurrence) -> routes.Way:
    """As it was routed; what was stored before this message, such as after a quiet, is routed as it was then."""
    way: routes.Way | None = getattr(alert, "routed", None)
    return way or routes.Way(alert.service, alert.environment, alert.priority or 3, policy=alert.policy)


def _open_one(group: _Group, at: datetime) -> None:
    way = group.way
    found = incident_for(
        actor=INTAKE,
        service=group.service,
        environment=group.environment,
        key=group.key,
        origin=AlertOrigin.ALERT,
        title=group.alerts[0].title,
        description=described(group.alerts),
        priority=priority_of(group.alerts),
        source_key=source_key(group.alerts[0]),
        at=at,
        apart=way.apart,
        team=_queue(way.team),
    )
    belong(group.alerts, found, at=at)
    if way.policy and found.how != "known":
        _page_by(way.policy, found.incident, at)


def _queue(slug: str) -> Team | None:
    return Team.objects.filter(slug=slug, retired_at=None).first() if slug else None


def _page_by(slug: str, incident: Incident, at: datetime) -> None:
    """The policy that the rule names, beside the one of the incident's route; it pages once for an incident."""
    policy = EscalationPolicy.objects.filter(slug=slug).first()
    if policy is not None and incident.is_open:
        paging.begin(
            Incident.kind, incident.pk, policy=policy, urgency=queries.urgency_of(incident), at=at, actor=INTAKE,
            title=f"{incident.reference} {incident.title}", path=incident.get_absolute_url(),
            team_id=queries.queue_of(incident),
        )  # fmt: skip


def _page_in_storm(alerts: Sequence[AlertOccurrence], at: datetime) -> None:
    """The policies that rules name page in a storm too, each once for an incident."""
    named = {(one.policy, one.incident_id): one.incident for one in alerts if one.policy and one.incident is not None}
    for (slug, _number), incident in sorted(named.items(), key=lambda one: one[0]):
        _page_by(slug, incident, at)


def belong(alerts: Sequence[AlertOccurrence], found: Found, *, at: datetime) -> None:
    """They are in this incident; who joins one that is known is told in its history, with how many and which."""
    for one in alerts:
        one.incident = found.incident
    AlertOccurrence.objects.filter(pk__in=[one.pk for one in alerts]).update(incident=found.incident)
    if found.how != "opened":
        announce_joined(found.incident, alerts, rose=found.rose, at=at)


def announce_joined(incident: Incident, alerts: Sequence[AlertOccurrence], *, rose: bool, at: datetime) -> None:
    """News for who pages: `new` says how many label sets were not in it before."""
    prints = {one.fingerprint for one in alerts}
    before = AlertOccurrence.objects.filter(incident=incident, fingerprint__in=prints)
    known = set(before.exclude(pk__in=[one.pk for one in alerts]).values_list("fingerprint", flat=True))
    new = len(prints - known)
    lifecycle.announce(
        incident,
        "alert_joined",
        actor=INTAKE,
        changes={"alerts": [None, titles_of(alerts)], "new": [0, new], "rose": [False, rose]},
        at=at,
    )
