"""The scheduled door: the log is kept for thirty days."""

from celery import shared_task
from django.utils import timezone

from itsm.webhooks import operations


@shared_task
def forget() -> int:
    """Take away messages that are thirty days old. Safe to run twice: what is gone is gone."""
    return operations.forget(timezone.now())
