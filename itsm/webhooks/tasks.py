"""The scheduled door: the log is kept for thirty days, what was heard of chats for one."""

from celery import shared_task
from django.utils import timezone

from itsm.webhooks import operations
from itsm.webhooks.slash import accounts


@shared_task
def forget() -> int:
    """Take away messages that are thirty days old, and what commands left. Safe to run twice: what is gone is gone."""
    now = timezone.now()
    return operations.forget(now) + accounts.forget(now)
