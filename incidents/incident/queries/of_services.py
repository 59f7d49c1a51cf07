"""Incidents of services, for their pages, the gate and budgets."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.cmdb.queries.items import KIND as ITEM
from catalog.services.queries.states import worst
from catalog.services.vocabulary import ServiceState
from incidents.incident.models import GRAVE, Incident
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, OVER, Status
from itsm.kernel.actors import Actor
from itsm.work.models import Link


def open_on(service_ids: Collection[int]) -> QuerySet[Incident]:
    """The open incidents of these services, the gravest first."""
    return Incident.objects.filter(service__in=service_ids, status__in=OPEN).order_by("priority", "id")


def affected_items(incident_ids: Collection[int]) -> list[tuple[int, int]]:
    """(incident, item that it affects), by the links that people drew. One query; none for no incidents."""
    if not incident_ids:
        return []
    drawn = Link.objects.filter(
        from_kind=Incident.kind, from_id__in=incident_ids, to_kind=ITEM, meaning=Link.Meaning.AFFECTS
    )
    return list(drawn.values_list("from_id", "to_id"))


def state_by(incident: Incident) -> ServiceState:
    """How its service and the items that it affects are, by its word: down where people say critical or major."""
    return _state(incident.priority, major=incident.major, source=incident.source_key)


def _state(priority: int, *, major: bool, source: str | None) -> ServiceState:
    down = (priority == Priority.CRITICAL or major) and source is None
    return ServiceState.DOWN if down else ServiceState.DEGRADED


def in_trouble(at: datetime) -> dict[int, ServiceState]:
    """Services, and other items, that people who work on their incidents know to be in trouble. Two queries at most.

    Counted is what somebody has taken up: who reports something says nothing for all others. Down: critical or major
    by the word of people; degraded: of high priority, or grave by an alert, which knows of errors and not that
    nothing works. What lies in a confidential queue says nothing here. It says so of its service and of the items
    that it affects.
    """
    taken = Incident.objects.filter(status__in=(Status.IN_PROGRESS, Status.ON_HOLD))
    grave = taken.filter(GRAVE | Q(priority=Priority.HIGH), team__confidential=False).order_by()
    said: dict[int, ServiceState] = {}
    found: dict[int, ServiceState] = {}
    for pk, service, priority, major, source in grave.values_list("pk", "service", "priority", "major", "source_key"):
        said[pk] = _state(priority, major=major, source=source)
        if service is not None:
            found[service] = worst(found.get(service, said[pk]), said[pk])
    for pk, item in affected_items(said):
        found[item] = worst(found.get(item, said[pk]), said[pk])
    return found


def opened_since(actor: Actor, service_id: int, since: datetime) -> QuerySet[Incident]:
    """The incidents of a service that were opened since then, as far as the actor may see them, the newest first."""
    return Incident.objects.visible_to(actor).filter(service=service_id, opened_at__gte=since).order_by("-id")


def open_between(service_ids: Collection[int], first: datetime, last: datetime) -> QuerySet[Incident]:
    """The incidents of these services, none cancelled, that were open somewhen in [first, last), the newest first."""
    lasted = Q(resolved_at__isnull=True) | Q(resolved_at__gte=first)
    found = Incident.objects.filter(lasted, service__in=service_ids, opened_at__lt=last)
    return found.exclude(status=Status.CANCELLED).order_by("-opened_at")


def last_settled_alert(service_id: int, since: datetime) -> datetime | None:
    """When the newest incident that a burn alert opened was resolved; None while one is open or there was none."""
    of_alerts = Incident.objects.filter(service=service_id, source_key__isnull=False, opened_at__gte=since)
    if of_alerts.filter(status__in=OPEN).exists():
        return None
    return of_alerts.filter(status__in=OVER).order_by("-resolved_at").values_list("resolved_at", flat=True).first()


def confidential_among(numbers: Collection[int]) -> set[int]:
    """Those of these incidents that lie in a confidential queue. One query."""
    lying = Incident.objects.filter(pk__in=list(numbers), team__confidential=True)
    return set(lying.order_by().values_list("pk", flat=True))


def opened_by_burns(numbers: Collection[int]) -> dict[int, str]:
    """Which burn opened each of these incidents, as it named itself; those that no burn opened are left out."""
    opened = Incident.objects.filter(pk__in=list(numbers), source_key__startswith="burn:")
    return {pk: key or "" for pk, key in opened.order_by().values_list("pk", "source_key")}


def services_and_spans(ids: Collection[int]) -> list[tuple[int, datetime, datetime | None]]:
    """Of each of these incidents that has a service: which, since when, until when (None: open). One query."""
    rows = Incident.objects.filter(pk__in=ids, service__isnull=False)
    found = rows.values_list("service", "opened_at", "resolved_at")
    return [(int(service), since, until) for service, since, until in found]
