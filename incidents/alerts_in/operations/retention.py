"""How long what came in is kept: bodies 14 days, parked ones 90, alerts 400 days or as long as their incident."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertTally
from incidents.alerts_in.vocabulary import IntakeStatus

BODIES = timedelta(days=14)
PARKED = timedelta(days=90)
ALERTS = timedelta(days=400)
AT_ONCE = 2_000


def purge(*, at: datetime) -> int:
    """Delete what is older, in batches. Returns how many rows. Raises nothing."""
    bodies = AlertIntake.objects.exclude(status=IntakeStatus.NEW)
    gone = _purge(bodies.filter(received_at__lt=at - PARKED))
    gone += _purge(bodies.exclude(status=IntakeStatus.PARKED).filter(received_at__lt=at - BODIES))
    gone += _purge(AlertOccurrence.objects.filter(received_at__lt=at - ALERTS, incident=None).exclude(ended_at=None))
    return gone + AlertTally.objects.filter(day__lt=(at - ALERTS).date()).delete()[0]


def _purge(rows: QuerySet[Any]) -> int:
    gone = 0
    while True:
        with transaction.atomic():
            numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
            if not numbers:
                return gone
            gone += rows.model._default_manager.filter(pk__in=numbers).delete()[0]
