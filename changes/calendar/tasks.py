"""The nightly door of the calendar."""

from celery import shared_task
from django.utils import timezone

from changes.calendar.operations.occurring import renew


@shared_task
def renew_occurrences() -> int:
    """Write down when what recurs will be. Safe to run twice. Returns how many windows recur."""
    return renew(timezone.now())
