"""What the platform itself keeps for a time: news behind the bell, and deliveries that have left."""

from collections.abc import Collection

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from itsm.notifications.models import Collecting, Delivery, Notification
from itsm.work.retention import Kept, offers


def _purge_notifications(ids: Collection[int]) -> None:
    Notification.objects.filter(pk__in=ids).delete()


def _purge_deliveries(ids: Collection[int]) -> None:
    Delivery.objects.filter(pk__in=ids).delete()


def register() -> None:
    """Once, at start."""
    collected = ~Q(Exists(Collecting.objects.filter(notification=OuterRef("pk"), collected_at=None)))
    key = Concat(Value("notification-"), Cast(OuterRef("pk"), CharField()))
    mailed = ~Q(Exists(Delivery.objects.filter(key=key, delivered_at=None, dead_at=None)))
    offers(
        "notification",
        Kept(
            Notification, _("notifications"), collected & mailed, ("created_at",), ("to",), purge=_purge_notifications
        ),
    )
    # Their keys name a notification, whose number comes once: nothing is owed again when the row is gone.
    left = Q(delivered_at__isnull=False, channel__in=("mail", "digest", "push"))
    offers("delivery", Kept(Delivery, _("mails that have left"), left, ("delivered_at",), (), purge=_purge_deliveries))
