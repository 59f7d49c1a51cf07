"""Reading routes, and what pages for an incident."""

from datetime import datetime

from django.db.models import QuerySet

from incidents.escalation.models import EscalationRoute
from incidents.escalation.rules import Asked, Conditions, first
from incidents.incident.models import Incident
from incidents.incident.queries import is_confidential
from incidents.incident.vocabulary import Channel, Priority
from itsm.accounts.operations import triage_id
from itsm.paging.models import Escalation, EscalationPolicy, Page
from itsm.paging.vocabulary import Urgency

PRESSING = (Priority.CRITICAL, Priority.HIGH)


def routes() -> QuerySet[EscalationRoute]:
    """All of them, the first first."""
    return EscalationRoute.objects.select_related("service", "team", "policy").order_by("position", "id")


def conditions_of(route: EscalationRoute) -> Conditions:
    return Conditions(
        route.service_id, route.team_id, route.urgency, tuple(route.days), route.between_from, route.between_to,
        route.zone,
    )  # fmt: skip


def route_for(*, service: int | None, team: int, urgency: str, at: datetime) -> EscalationRoute | None:
    """The route that an incident takes; None where none does, and nobody is paged."""
    standing = routes().filter(policy__retired_at=None)
    return first([(one, conditions_of(one)) for one in standing], Asked(service, team, urgency, at))


def queue_of(incident: Incident) -> int:
    """The queue it lies in."""
    return incident.team_id or triage_id()


def policy_for(incident: Incident, urgency: str, at: datetime) -> EscalationPolicy | None:
    """The policy that answers for it now."""
    found = route_for(service=incident.service_id, team=queue_of(incident), urgency=urgency, at=at)
    return found.policy if found is not None else None


def pages_somebody(incident: Incident) -> bool:
    """Whether it wakes anybody: an alert's, and one so grave that changes wait for it."""
    return incident.is_open and (incident.is_grave or incident.channel == Channel.ALERT)


def urgency_of(incident: Incident) -> str:
    """High where it is grave, or an alert said that it presses; what nothing placed has low urgency."""
    if incident.is_grave:
        return Urgency.HIGH
    is_pressing = incident.priority in PRESSING and incident.service_id is not None
    return Urgency.HIGH if is_pressing else Urgency.LOW


def escalations_of(incident: Incident) -> QuerySet[Escalation]:
    """Every one, the newest first."""
    found = Escalation.objects.filter(subject_kind=Incident.kind, subject_id=incident.pk)
    return found.select_related("policy", "held_by").order_by("-pk")


def pages_of(incident: Incident) -> QuerySet[Page]:
    """Everybody who was called for it, the newest first."""
    return (
        Page.objects.filter(subject_kind=Incident.kind, subject_id=incident.pk).select_related("person").order_by("-pk")
    )


def is_discreet(incident_id: int) -> bool:
    """Whether text messages and lock screens name it by its reference alone. What is gone counts as confidential."""
    incident = Incident.objects.filter(pk=incident_id).select_related("team").first()
    return incident is None or is_confidential(incident)
