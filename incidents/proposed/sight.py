"""Whose records may be proposed for: who reads them whole, and who may change them."""

from django.db.models import Q, QuerySet

from incidents.incident.models import Incident
from incidents.incident.permissions import responders
from incidents.postmortem.models import Postmortem
from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor

_OF_INCIDENTS = ("team", "service", "category", "assigned_to")


def incidents_read(actor: Actor) -> QuerySet[Incident]:
    """Those that the actor reads whole, private notes too: of queues that they see."""
    if not staff(actor):
        return Incident.objects.none()
    hidden = sorted(rights_in_queues(actor).hidden)
    return Incident.objects.exclude(team__in=hidden).select_related(*_OF_INCIDENTS)


def incidents_changed(actor: Actor) -> QuerySet[Incident]:
    """Those of them that the actor works on."""
    if not responders(actor):
        return Incident.objects.none()
    rights = rights_in_queues(actor)
    return incidents_read(actor) if rights.everywhere else incidents_read(actor).filter(team__in=sorted(rights.change))


def postmortems_read(actor: Actor) -> QuerySet[Postmortem]:
    """Those that the actor reads."""
    rows = Postmortem.objects.visible_to(actor) if staff(actor) else Postmortem.objects.none()
    return rows.select_related("incident__team", "problem__team")


def postmortems_changed(actor: Actor) -> QuerySet[Postmortem]:
    """Those of them that the actor may write in."""
    rows, rights = postmortems_read(actor), rights_in_queues(actor)
    if not responders(actor):
        return rows.none()
    mine = sorted(rights.change)
    return rows if rights.everywhere else rows.filter(Q(incident__team__in=mine) | Q(problem__team__in=mine))
