"""Incidents of services, for their pages, the gate and budgets."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.services.queries.states import worst
from catalog.services.vocabulary import ServiceState
from incidents.incident.models import GRAVE, Incident
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, OVER, Status
from itsm.kernel.actors import Actor


def open_on(service_ids: Collection[int]) -> QuerySet[Incident]:
    """The open incidents of these services, the gravest first."""
    return Incident.objects.filter(service__in=service_ids, status__in=OPEN).order_by("priority", "id")


def troubled_services(at: datetime) -> dict[int, ServiceState]:
    """Services that people who work on their incidents know to be in trouble. One query.

    Counted is what somebody has taken up: who reports something says nothing for all others. Down: critical or major
    by the word of people; degraded: of high priority, or grave by an alert, which knows of errors and not that
    nothing works. What lies in a confidential queue says nothing here.
    """
    taken = Incident.objects.filter(status__in=(Status.IN_PROGRESS, Status.ON_HOLD), service__isnull=False)
    grave = taken.filter(GRAVE | Q(priority=Priority.HIGH), team__confidential=False).order_by()
    found: dict[int, ServiceState] = {}
    for service, priority, major, source in grave.values_list("service", "priority", "major", "source_key"):
        down = (priority == Priority.CRITICAL or major) and source is None
        state = ServiceState.DOWN if down else ServiceState.DEGRADED
        found[service] = worst(found.get(service, state), state)
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
