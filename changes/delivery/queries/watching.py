"""Since when deployments of a service are held against their authorisations."""

from datetime import datetime

from django.db.models import Min

from changes.delivery.models import DeploymentEvent
from changes.delivery.vocabulary import ToldBy


def watched_since(service_id: int) -> datetime | None:
    """When its first deployment was told by anything but a file of the past; None: not watched yet. One query."""
    told = DeploymentEvent.objects.filter(service=service_id).exclude(told_by=ToldBy.IMPORT)
    found: datetime | None = told.aggregate(first=Min("told_at"))["first"]
    return found
