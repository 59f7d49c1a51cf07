"""What candidate rules count: of one incident, as it stands."""

from datetime import datetime, timedelta

from django.db.models import Q

from catalog.services.queries.reach import next_below
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Channel
from incidents.major.models import CandidateRule

_MOST = 500  # services with fresh incidents that are looked at


def rules_on() -> dict[str, CandidateRule]:
    """The rules that propose, by their word. One query."""
    return {one.rule: one for one in CandidateRule.objects.filter(is_on=True)}


def children_of(incident_id: int) -> int:
    """How many children it has."""
    return Incident.objects.filter(parent=incident_id).count()


def services_of_one_dependency(incident: Incident, at: datetime, rule: CandidateRule) -> int:
    """The most services with an incident opened lately that rest on one and the same, which the incident's service does
    too (or is); 0 where that cannot be as many as the rule waits for. One query, or two."""
    if incident.service_id is None:
        return 0
    since = at - timedelta(minutes=rule.minutes)
    fresh = Incident.objects.still_open().filter(_told_beside(incident), opened_at__gte=since, service__isnull=False)
    services = {*fresh.values_list("service_id", flat=True).order_by().distinct()[:_MOST], incident.service_id}
    if len(services) < rule.least:
        return 0
    rests_on = {one: {one, *below} for one, below in next_below(services).items()}
    return max(sum(1 for on in rests_on.values() if shared in on) for shared in rests_on[incident.service_id])


def reporters_of(incident: Incident, at: datetime, minutes: int) -> int:
    """How many people reported something of this service lately, or something that lives on in this incident."""
    since = at - timedelta(minutes=minutes)
    same = Q(merged_into=incident.merged_into_id or incident.pk) | Q(pk=incident.pk)
    if incident.service_id is not None:
        same |= Q(service=incident.service_id)
    rows = Incident.objects.filter(same, _told_beside(incident), opened_at__gte=since, opened_at__lte=at)
    reported = rows.exclude(channel=Channel.ALERT)
    return reported.exclude(caller=None).values("caller").distinct().count()


def _told_beside(incident: Incident) -> Q:
    """Whoever reads the incident may know of these: how many there are stands in why it is proposed."""
    return Q(team__confidential=False) | Q(team=incident.team_id)


def is_tier_1_burn(incident: Incident) -> bool:
    """Whether an alert opened it that pages, of a service of the first tier."""
    service = incident.service
    alerted = incident.channel == Channel.ALERT and incident.source_key is not None
    return alerted and service is not None and service.tier == 1 and incident.priority <= 2
