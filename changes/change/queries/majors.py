"""Deployments around major incidents, for their war rooms: incidents lie below."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from changes.change.models import Change, Deployment
from incidents.incident.queries import services_and_spans
from incidents.major.queries import Suspect
from incidents.major.queries.timeline_sources import Happened
from incidents.major.vocabulary import Source
from itsm.kernel.actors import Actor

_BEFORE = timedelta(hours=2)
_MOST = 200


def began_near(services: Collection[int], since: datetime, until: datetime, actor: Actor) -> Iterator[Suspect]:
    """Deployments on these services that began in [since, until], as far as the actor may see their changes."""
    seen = Change.objects.visible_to(actor).filter(service__in=services).values("pk")
    rows = Deployment.objects.filter(change__in=seen, started_at__gte=since, started_at__lte=until)
    for one in rows.select_related("change__service").order_by("-started_at")[:_MOST]:
        change = one.change
        yield Suspect(change.reference, change.summary, one.started_at, change.service.slug, change.get_absolute_url())


def deployed_around(incident_ids: Collection[int]) -> Iterator[Happened]:
    """When deployments on the service of an incident began and ended, from two hours before it until it was over."""
    for service, opened_at, over_at in services_and_spans(incident_ids):
        rows = Deployment.objects.filter(change__service=service, started_at__gte=opened_at - _BEFORE)
        if over_at is not None:
            rows = rows.filter(started_at__lte=over_at)
        for one in rows.select_related("change").order_by("-started_at")[:_MOST]:
            yield from _told(one)


def _told(one: Deployment) -> Iterator[Happened]:
    change, url = one.change, one.change.get_absolute_url()
    said = {"change": change.reference, "summary": change.summary, "state": one.get_status_display()}
    began = _("Deployment of %(change)s began: %(summary)s") % said
    yield Happened(f"deployment:{one.pk}:start", one.started_at, began, Source.CHANGE, url=url)
    if one.finished_at is not None:
        ended = _("Deployment of %(change)s: %(state)s") % said
        yield Happened(f"deployment:{one.pk}:end", one.finished_at, ended, Source.CHANGE, url=url)
