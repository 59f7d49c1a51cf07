"""The scheduled doors: the log is kept for thirty days, what was heard of chats for one."""

from celery import shared_task
from django.utils import timezone

from itsm.webhooks import operations, probing
from itsm.webhooks.slash import accounts


@shared_task
def forget() -> int:
    """Take away messages that are thirty days old, and what commands left. Safe to run twice: what is gone is gone."""
    now = timezone.now()
    return operations.forget(now) + accounts.forget(now)


@shared_task
def probe() -> int:
    """Ask quiet flows of Teams whether they are still there. Safe to run twice: once a week for each."""
    return probing.probe(timezone.now())
