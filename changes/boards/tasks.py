"""The nudge of boards: meetings by their schedules, and what is read before them."""

from celery import shared_task
from django.utils import timezone

from changes.boards.operations.schedule import plan_all_ahead, send_pre_reads


@shared_task
def prepare_meetings() -> int:
    """Plan ahead and send pre-reads. Safe to run twice. Returns how many meetings were planned or told of."""
    now = timezone.now()
    return plan_all_ahead(now) + send_pre_reads(now)
