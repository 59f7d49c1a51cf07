"""The nightly door of the calendar."""

from celery import shared_task
from django.utils import timezone

from changes.calendar.operations.maintenance import ask_ahead
from changes.calendar.operations.occurring import renew


@shared_task
def renew_occurrences() -> int:
    """Write down when what recurs will be, and ask about the maintenance that is near. Safe to run twice.

    Returns how many windows recur.
    """
    now = timezone.now()
    recurring = renew(now)
    ask_ahead(now)
    return recurring
