"""What fires and fired, as its readers may see it."""

from collections.abc import Collection, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents.alerts_in import permissions
from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertSource, Quiet
from incidents.alerts_in.vocabulary import IntakeStatus
from incidents.incident.models import Incident
from incidents.major.queries.timeline_sources import Happened
from incidents.major.vocabulary import Source
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor

_MOST_TOLD = 200


def alerts(actor: Actor) -> QuerySet[AlertOccurrence]:
    """All of them, newest first, for who works here; who only requests sees none. What is in an incident of a queue
    that is hidden from them is hidden too: its title is the incident's."""
    if not permissions.readers(actor):
        return AlertOccurrence.objects.none()
    found = AlertOccurrence.objects.select_related("source", "service", "incident", "quiet")
    hidden = sorted(rights_in_queues(actor).hidden)
    return found.exclude(incident__team__in=hidden) if hidden else found


def of_incident(incident: Incident) -> QuerySet[AlertOccurrence]:
    """Those that are in an incident, newest first."""
    return AlertOccurrence.objects.filter(incident=incident).select_related("source", "service")


def incidents_seen(actor: Actor, rows: "list[AlertOccurrence]") -> dict[int, Incident]:
    """The incidents of these that the actor may see: of others not even the number is shown. One query."""
    numbers = {one.incident_id for one in rows if one.incident_id is not None}
    return {one.pk: one for one in Incident.objects.visible_to(actor).filter(pk__in=numbers)} if numbers else {}


def intakes(actor: Actor) -> QuerySet[AlertIntake]:
    """Bodies, for who keeps sources."""
    if not permissions.keepers(actor):
        return AlertIntake.objects.none()
    return AlertIntake.objects.select_related("source").defer("body")


def parked(actor: Actor) -> QuerySet[AlertIntake]:
    """Those that wait for somebody to look."""
    return intakes(actor).filter(status=IntakeStatus.PARKED)


def sources(actor: Actor) -> QuerySet[AlertSource]:
    """Where alerts come from, for who works here."""
    if not permissions.readers(actor):
        return AlertSource.objects.none()
    return AlertSource.objects.select_related("account").filter(retired_at=None)


def quiets(actor: Actor) -> QuerySet[Quiet]:
    """What changes keep quiet, for who works here."""
    if not permissions.readers(actor):
        return Quiet.objects.none()
    return Quiet.objects.prefetch_related("copies__source")


def told_around(incident_ids: Collection[int]) -> Iterator[Happened]:
    """When what fires in these incidents began and ended, for the timelines of war rooms. One query."""
    rows = AlertOccurrence.objects.filter(incident__in=incident_ids).order_by("-pk")
    for one in rows.only("title", "started_at", "ended_at")[:_MOST_TOLD]:
        said = {"title": one.title}
        yield Happened(f"occurrence:{one.pk}:start", one.started_at, _("Fires: %(title)s") % said, Source.ALERT)
        if one.ended_at is not None:
            yield Happened(f"occurrence:{one.pk}:end", one.ended_at, _("Ended: %(title)s") % said, Source.ALERT)
