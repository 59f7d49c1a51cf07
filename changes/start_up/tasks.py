"""Past deployments are judged by themselves. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from changes.start_up import operations


@shared_task
def judge_past() -> int:
    """Judge some of what was imported."""
    return operations.judge_past(timezone.now())
