"""What surrounds a proposal: the calendar, conflicting changes, open incidents, the emergency path."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from changes.gate.evidence import Calendar, CalendarEntry, Conflict, EmergencyPath, OpenIncident
from changes.models import CalendarWindow, Change, OutcomeCode
from changes.queries.proposal import Proposal
from changes.workflow import IN_FLIGHT, Status
from incidents.models import Incident
from incidents.workflow import OPEN

FAILED_LATELY = timedelta(hours=24)
EMERGENCY_SPAN = timedelta(days=90)
_MOST_CONFLICTS = 20


def calendar(proposal: Proposal, related: Mapping[int, str], at: datetime) -> Calendar:
    """Entries in scope that touch the change's time, and changes that are in its way. Two queries."""
    starts, ends = proposal.window or (at, at + timedelta(seconds=1))
    scope = Q(services=None) | Q(services=proposal.service)
    entries = (
        CalendarWindow.objects.filter(scope, lifted_at=None, ends_at__gt=min(at, starts), starts_at__lt=ends)
        .filter(Q(environments=[]) | Q(environments__contains=[proposal.environment]))
        .distinct()
    )
    return Calendar(
        tuple(CalendarEntry(e.meaning, e.name, e.starts_at, e.ends_at) for e in entries),
        tuple(_conflicts(proposal, related, at)),
    )


def _conflicts(proposal: Proposal, related: Mapping[int, str], at: datetime) -> list[Conflict]:
    """The seven kinds. `related`: service id -> related_ci or reached_service."""
    in_flight = Q(status__in=IN_FLIGHT, service__in=[proposal.service.pk, *related])
    if proposal.implementer_id:
        in_flight |= Q(status__in=IN_FLIGHT, implementer=proposal.implementer_id)
    failed = Q(
        service=proposal.service,
        outcome_code=OutcomeCode.UNSUCCESSFUL,
        finished_at__gt=at - FAILED_LATELY,
        environment=proposal.environment,
    )
    others = (
        Change.objects.filter(in_flight | failed).exclude(pk=proposal.change_id or 0).order_by("-id")[:_MOST_CONFLICTS]
    )
    return [Conflict(kind, other.reference) for other in others for kind in _kinds(other, proposal, related)]


def _kinds(other: Change, proposal: Proposal, related: Mapping[int, str]) -> list[str]:
    found: list[str] = []
    if other.status not in IN_FLIGHT:
        return ["failed_in_window"]
    here = other.environment == proposal.environment
    if other.service_id == proposal.service.pk and here:
        # Scheduled beside it is the same CI; one that runs right now holds the target itself.
        found.append("deployment_target" if other.status == Status.RUNNING else "same_ci")
    elif here and other.service_id in related and other.status == Status.RUNNING:
        found.append(related[other.service_id])
    if here and proposal.window and _overlap(other, proposal.window):
        found.append("window")
    if proposal.implementer_id and other.implementer_id == proposal.implementer_id:
        found.append("implementer")
    return found


def _overlap(other: Change, window: tuple[datetime, datetime]) -> bool:
    if other.window_start is None or other.window_end is None:
        return False
    return other.window_start < window[1] and window[0] < other.window_end


def incidents(service_ids: Collection[int]) -> tuple[OpenIncident, ...]:
    """Open major and P1 incidents on these services. One query."""
    rows = (
        Incident.objects.filter(service__in=service_ids, status__in=OPEN)
        .filter(Q(major=True) | Q(priority=1))
        .select_related("service")
        .order_by("id")[:50]
    )
    return tuple(
        OpenIncident(
            incident.reference,
            incident.service.slug if incident.service else "",
            incident.priority,
            incident.major,
            alert=incident.source_key is not None,
            confirmed_by=() if incident.confirmed_by_id is None else (f"user:{incident.confirmed_by_id}",),
        )
        for incident in rows
    )


def emergency_path(team_id: int | None, at: datetime) -> EmergencyPath:
    """The share of emergencies among the team's changes of 90 days, and reviews that are overdue."""
    counted = Change.objects.filter(service__team=team_id, created_at__gt=at - EMERGENCY_SPAN).aggregate(
        all=Count("pk"), emergencies=Count("pk", filter=Q(change_class="emergency"))
    )
    overdue = Change.objects.filter(
        service__team=team_id,
        change_class="emergency",
        status=Status.REVIEWING,
        finished_at__lt=at - timedelta(days=4),
    ).count()
    share = Decimal(counted["emergencies"]) / counted["all"] if counted["all"] else Decimal(0)
    return EmergencyPath(share.quantize(Decimal("0.000001")), overdue)
