"""How long deliveries are kept: 30 days, what waits for a decision 90. What they told stays."""

from datetime import datetime, timedelta

from django.db import transaction

from changes.delivery.models import PlatformDelivery
from changes.delivery.vocabulary import DeliveryStatus

KEPT = timedelta(days=30)
WAITING = timedelta(days=90)
AT_ONCE = 1_000
_DECIDED = (DeliveryStatus.APPLIED, DeliveryStatus.IGNORED, DeliveryStatus.DISCARDED)


def purge(at: datetime) -> int:
    """Delete what is older, in batches. Returns how many rows. Raises nothing."""
    rows = PlatformDelivery.objects.exclude(status=DeliveryStatus.NEW)
    old = rows.filter(received_at__lt=at - WAITING) | rows.filter(status__in=_DECIDED, received_at__lt=at - KEPT)
    gone = 0
    while True:
        with transaction.atomic():
            numbers = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
            if not numbers:
                return gone
            gone += PlatformDelivery.objects.filter(pk__in=numbers).delete()[0]
