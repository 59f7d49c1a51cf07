"""The hourly door of calendars of others."""

from celery import shared_task
from django.utils import timezone

from changes.feeds.operations.subscribing import read_all


@shared_task
def read_calendars() -> int:
    """Ask every calendar that is subscribed to. Safe to run twice. Returns how many."""
    return read_all(timezone.now())
