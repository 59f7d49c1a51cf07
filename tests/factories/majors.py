"""Incidents that stand as major ones, as rows: the database holds the two together."""

from django.utils import timezone

from incidents.models import Incident, Major
from itsm.accounts.models import User


def accepted(incident: Incident) -> Major:
    """Its major incident, which runs, whoever accepted it; the incident itself is not told."""
    commander, _made = User.objects.get_or_create(username="commander")
    now = timezone.now()
    return Major.objects.create(
        incident=incident, status="live", severity=1, gravest=1, commander=commander, accepted_at=now, proposed_at=now
    )


def led(incident: Incident) -> Incident:
    """A major one that runs."""
    accepted(incident)
    Incident.objects.filter(pk=incident.pk).update(major=True)
    incident.major = True
    return incident
