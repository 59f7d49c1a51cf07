"""The queued door to the outbox."""

from celery import shared_task
from django.utils import timezone

from itsm.notifications import digests, outbox
from itsm.notifications.lanes import Lane


@shared_task
def relay() -> int:
    """Deliver what the desk owes (other lanes have keepers). Safe to run twice: each row leaves under its own lock."""
    return outbox.relay(timezone.now(), lanes=(Lane.DESK,))


@shared_task
def collect_digests() -> int:
    """Owe the mails of what was to be collected by now. Safe to run twice: each row is collected once."""
    return digests.collect(timezone.now())
