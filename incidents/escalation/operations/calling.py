"""Escalations of incidents: begun as they open or rise, and bound to their life."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.escalation import queries
from incidents.incident import permissions as incident_permissions
from incidents.incident.models import Incident
from incidents.incident.operations import acknowledge
from incidents.incident.workflow import Status
from incidents.major.operations.deciding import propose_incident
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Actor, Kind
from itsm.paging import operations as paging
from itsm.paging.models import Escalation, EscalationPolicy, Page
from itsm.paging.queries.meeting import last_resort
from itsm.paging.vocabulary import Urgency
from itsm.paging.workflow import CALLING
from itsm.paging.workflow import Status as Escalated

BUNDLED_FOR = timedelta(minutes=2)
JOINED = "incident_joined"
UNANSWERED = "unanswered"  # as what proposes a major incident
_SYSTEM = Actor.system("escalation")


def page_for(incident: Incident, *, urgency: str = "", why: str = "", at: datetime) -> Escalation | None:
    """Page by the route that the incident takes, unless that policy pages for it already. In the caller's transaction.

    `urgency`: high or low; as the incident says, where empty. A higher one than what is under way begins anew: what
    was low stops. Where no route takes it the last resort is called. None where no escalation is needed: it is over, or
    it does not press and nobody laid a route for it.
    """
    if not incident.is_open:
        return None
    urgency = urgency or queries.urgency_of(incident)
    policy = queries.policy_for(incident, urgency, at)
    if policy is None:
        policy = _without_a_route(incident, urgency, at)
    if policy is None:
        return None
    if urgency == Urgency.HIGH:
        low = Escalation.objects.still_open().filter(
            subject_kind=Incident.kind, subject_id=incident.pk, urgency=Urgency.LOW
        )
        if low.exists():
            paging.stop(Incident.kind, incident.pk, why or _("It presses more now."), at)
    return paging.begin(
        Incident.kind, incident.pk, policy=policy, urgency=urgency, title=f"{incident.reference} {incident.title}",
        path=incident.get_absolute_url(), team_id=queries.queue_of(incident), at=at, actor=_SYSTEM,
    )  # fmt: skip


def _without_a_route(incident: Incident, urgency: str, at: datetime) -> EscalationPolicy | None:
    """The last resort for what presses. Its people hear once of what does not, and so do managers and administrators of
    what presses, where no last resort is named."""
    resort = EscalationPolicy.objects.standing().filter(is_last_resort=True).first()
    if urgency == Urgency.HIGH and resort is not None:
        return resort
    if (urgency == Urgency.HIGH or resort is not None) and not queries.pages_of(incident).exists():
        people = last_resort(queries.queue_of(incident), at)
        call_alone(incident, people, why=_("No route says whom it pages."), at=at, urgency=urgency)
    return None


def follow(incident: Incident, at: datetime) -> None:
    """Page where it wakes somebody and nobody was called yet. The incident is locked."""
    if not queries.pages_somebody(incident):
        return
    under_way = list(
        Escalation.objects.still_open()
        .filter(subject_kind=Incident.kind, subject_id=incident.pk)
        .values_list("urgency", flat=True)
    )
    if not under_way or (queries.urgency_of(incident) == Urgency.HIGH and Urgency.HIGH not in under_way):
        page_for(incident, at=at)


def joined(incident: Incident, labels: Collection[str], at: datetime) -> None:
    """Another member joined: who holds it, or nobody, hears of it within two minutes, all of these together.

    While people are being called anyway, that is enough. Where nobody ever was, as no route took it when it opened, it
    takes one now. `labels`: what the new member says of itself.
    """
    if incident.is_open and not _is_called(incident):
        due.schedule(JOINED, Incident.kind, incident.pk, _first_of_bundle(incident, at))


def _first_of_bundle(incident: Incident, at: datetime) -> datetime:
    """What was promised first stands: a stream of members does not put it off."""
    promised = due.promised(JOINED, Incident.kind, incident.pk)
    return promised if promised is not None else at + BUNDLED_FOR


def _is_called(incident: Incident) -> bool:
    return Escalation.objects.filter(
        subject_kind=Incident.kind, subject_id=incident.pk, status__in=CALLING
    ).exists()  # fmt: skip


@transaction.atomic
def joined_when_due(incident_id: int, at: datetime) -> None:
    """Page who holds it; where nobody is known to, or they left, whom it paged before; else by its route.

    Raises nothing.
    """
    incident = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()
    if incident is None or not incident.is_open:
        return
    held = Escalation.objects.filter(
        subject_kind=Incident.kind, subject_id=incident.pk, status=Escalated.HELD, held_by__isnull=False
    )
    holders = [one for one in (*held.values_list("held_by", flat=True),) if one is not None]
    if not holders and incident.assigned_to_id is not None:
        holders = [incident.assigned_to_id]
    called = call_alone(incident, holders, why=_("More alerts joined it."), at=at)
    if not called and not paging.page_again(Incident.kind, incident.pk, at):
        page_for(incident, at=at)


def call_alone(incident: Incident, people: Collection[int], *, why: str, at: datetime, urgency: str = "") -> list[Page]:
    """Page these people for it, beside its escalation."""
    return paging.page_people(
        people, subject_kind=Incident.kind, subject_id=incident.pk, title=f"{incident.reference} {incident.title}",
        path=incident.get_absolute_url(), team_id=queries.queue_of(incident), at=at, why=why,
        urgency=urgency or queries.urgency_of(incident),
    )  # fmt: skip


def over(incident: Incident, why: str, at: datetime) -> None:
    """Nobody needs to be woken for it any more. The incident is locked."""
    paging.stop(Incident.kind, incident.pk, why, at)
    due.cancel(Incident.kind, incident.pk, JOINED)


def follow_queue(incident: Incident) -> None:
    """It lies in another queue, whose people read and answer what was paged about it. The incident is locked."""
    paging.follow_queue(Incident.kind, incident.pk, queries.queue_of(incident))


def held(incident: Incident, actor: Actor, at: datetime) -> None:
    """Somebody works on it: its escalations are theirs. The incident is locked. A program that says so wakes nobody,
    and holds nothing. Raises nothing of its own."""
    if actor.is_human or actor.is_system:
        paging.held_by_subject(Incident.kind, incident.pk, actor=actor, at=at)


def work_begins(incident_id: int, actor: Actor, at: datetime) -> None:
    """Who acknowledged a page of a new incident works on it, where they may. Raises nothing of its own."""
    incident = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident_id)
    if incident.status == Status.NEW and actor.is_human and incident_permissions.workers(actor, incident):
        acknowledge(incident, actor=actor, at=at)


def exhausted(incident_id: int, at: datetime) -> None:
    """Nobody answered for what presses: it may be a major incident, and whoever decides that hears of it.

    Raises nothing of its own.
    """
    incident = Incident.objects.filter(pk=incident_id).first()
    if incident is not None and incident.is_open and queries.urgency_of(incident) == Urgency.HIGH:
        why = _("Everybody was paged, and nobody answered.")
        propose_incident(incident, actor=_SYSTEM, reason=why, rule=UNANSWERED, at=at)


def lock(incident_id: int) -> None:
    """Its row, until the transaction ends."""
    with transaction.atomic():
        Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()


def is_over(incident_id: int) -> bool:
    """Also one that is gone."""
    return not Incident.objects.still_open().filter(pk=incident_id).exists()


def progressed_at(incident_id: int) -> datetime | None:
    """When a person last did something about it. That its caller asks again, or an alert joins, is no progress."""
    found = Incident.objects.filter(pk=incident_id).values_list("caller_id", "assigned_to_id").first()
    if found is None:
        return None
    caller, assignee = found
    done = Entry.objects.filter(record_kind=Incident.kind, record_id=incident_id, actor_kind=Kind.HUMAN.value)
    if caller is not None and caller != assignee:
        done = done.exclude(actor_id=caller)
    return done.order_by("-id").values_list("at", flat=True).first()
