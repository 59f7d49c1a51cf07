"""Reading routes, and what pages for an incident."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.services.queries import visible_services
from incidents.escalation import rules
from incidents.escalation.models import EscalationRoute
from incidents.escalation.rules import Asked, Conditions, first
from incidents.incident.models import Incident
from incidents.incident.queries import is_confidential
from incidents.incident.vocabulary import Channel, Priority
from incidents.major.queries.timeline_sources import Happened
from incidents.major.vocabulary import Source
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.accounts.operations import triage_id
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.oncall.models import Schedule
from itsm.paging.models import Escalation, EscalationPolicy, Page
from itsm.paging.vocabulary import Urgency

_MOST_TOLD = 200
_ALL = Actor.system("routes")
PRESSING = (Priority.CRITICAL, Priority.HIGH)


def routes() -> QuerySet[EscalationRoute]:
    """All of them, the first first."""
    return EscalationRoute.objects.select_related("service", "team", "policy").order_by("position", "id")


def conditions_of(route: EscalationRoute) -> Conditions:
    """As the rules read them."""
    return Conditions(
        route.service_id, route.team_id, route.urgency, tuple(route.days), route.between_from, route.between_to,
        route.zone,
    )  # fmt: skip


def route_for(*, service: int | None, team: int, urgency: str, at: datetime) -> EscalationRoute | None:
    """The route that an incident takes; None where none does, and the last resort is called."""
    standing = routes().filter(policy__retired_at=None)
    return first([(one, conditions_of(one)) for one in standing], Asked(service, team, urgency, at))


def untaken(at: datetime) -> set[tuple[int | None, int, str, datetime]]:
    """What no route takes in the week after an instant: alerts of no service, and of each tier 1 service in its queue.
    (service, queue, urgency, when). Two queries."""
    tier_1 = visible_services(_ALL).filter(tier=1).values_list("pk", "team")
    places = [(None, triage_id()), *((pk, team or triage_id()) for pk, team in tier_1)]
    standing = [conditions_of(one) for one in routes().filter(policy__retired_at=None)]
    return {(one.service, one.team, one.urgency, one.at) for one in rules.untaken(standing, places, at)}


def queue_of(incident: Incident) -> int:
    """The queue it lies in."""
    return incident.team_id or triage_id()


def policy_for(incident: Incident, urgency: str, at: datetime) -> EscalationPolicy | None:
    """The policy that answers for it now; None where no route takes it."""
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


def visible_routes(actor: Actor) -> QuerySet[EscalationRoute]:
    """Those whose queue, service and policy the actor may see."""
    hidden = sorted(rights_in_queues(actor).hidden)
    found = routes().exclude(team__in=hidden).exclude(policy__team__in=hidden)
    return found.filter(Q(service=None) | Q(service__in=visible_services(actor).values("pk")))


def needing(policy: EscalationPolicy) -> list[str]:
    """Routes that lead to a policy, and what the last resort alone is called for, in words."""
    positions = EscalationRoute.objects.filter(policy=policy).order_by("position").values_list("position", flat=True)
    needed = [_("route %(position)d") % {"position": one} for one in positions]
    if policy.is_last_resort and untaken(timezone.now()):
        needed.append(_("what no route takes"))
    return needed


def schedules_of_service(actor: Actor, slug: str, at: datetime) -> list[Schedule]:
    """The schedules by which an incident of a service would page now, high urgency first. Raises NotFound."""
    service = visible_services(actor).filter(slug=slug[:63].replace("\0", "")).first()
    if service is None:
        raise NotFound(_("There is no such service."))
    found: dict[int, Schedule] = {}
    for urgency in (Urgency.HIGH, Urgency.LOW):
        team = service.team_id or triage_id()
        route = route_for(service=service.pk, team=team, urgency=urgency, at=at)
        if route is not None:
            named = Schedule.objects.visible_to(actor).filter(
                pk__in=route.policy.steps.filter(targets__schedule__isnull=False).values("targets__schedule")
            )
            found |= {one.pk: one for one in named.select_related("team").order_by("pk")}
    return list(found.values())


def of_queue(team: Team) -> list[Duty]:
    """Routes of a queue."""
    rows = EscalationRoute.objects.filter(team=team)
    otherwise = _("it is of the other queue")
    return [
        Duty(_("escalation route"), one.reference, str(one), one.get_absolute_url(), otherwise, passes=True)
        for one in rows
    ]


_STATES = {
    "acknowledged": _lazy("%(person)s was paged, and acknowledged it"),
    "open": _lazy("%(person)s is paged"),
}


def pages_told(incident_ids: Collection[int]) -> Iterator[Happened]:
    """Who was paged about these incidents, and who answered, for the timelines of war rooms. One query."""
    rows = Page.objects.filter(subject_kind=Incident.kind, subject_id__in=incident_ids).select_related("person")
    for one in rows.order_by("-pk")[:_MOST_TOLD]:
        said = _STATES.get(one.state, _lazy("%(person)s was paged"))
        words = str(said) % {"person": one.person} + (f" ({one.why})" if one.why else "")
        yield Happened(f"page:{one.pk}:{one.state}", one.begun_at, words, Source.PAGE)
