"""What the scheduler does about asks."""

from celery import shared_task
from django.utils import timezone

from itsm.approvals.reminding import remind


@shared_task
def remind_before_due() -> int:
    """Who has not answered hears of it before the time is over. Safe to run twice."""
    return remind(timezone.now())
