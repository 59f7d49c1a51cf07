"""The queued door to the outbox."""

from celery import shared_task
from django.utils import timezone

from itsm.notifications import digests, outbox


@shared_task
def relay() -> int:
    """Deliver what is owed. Safe to run twice: each row is delivered under its own lock."""
    return outbox.relay(timezone.now())


@shared_task
def collect_digests() -> int:
    """Owe the mails of what was to be collected by now. Safe to run twice: each row is collected once."""
    return digests.collect(timezone.now())
