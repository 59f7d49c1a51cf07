"""What improvements are measured by: counts of incidents, of a service or of all, in 28 days before an instant."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from incidents.incident.models import Incident
from incidents.incident.workflow import Status

if TYPE_CHECKING:
    from catalog.models import Service

_PERIOD = timedelta(days=28)


def opened_in_28_days(service: "Service | None", at: datetime) -> int:
    """Opened in [at - 28 d, at), but for cancelled ones."""
    return _opened(service, at).count()


def pressing_in_28_days(service: "Service | None", at: datetime) -> int:
    """The same of priority 1 and 2, and major ones."""
    found = _opened(service, at)
    return (found.filter(priority__lte=2) | found.filter(major=True)).count()


def reopened_in_28_days(service: "Service | None", at: datetime) -> int:
    """Of those that were opened then, how many came back after they were resolved."""
    return _opened(service, at).filter(reopened__gt=0).count()


def _opened(service: "Service | None", at: datetime) -> QuerySet[Incident]:
    rows = Incident.objects.filter(opened_at__gte=at - _PERIOD, opened_at__lt=at).exclude(status=Status.CANCELLED)
    return rows.filter(service=service) if service is not None else rows
