"""The queued door: rows that the request left, and what a killed worker left."""

from celery import shared_task
from django.utils import timezone

from itsm.bulk import operations, working


@shared_task
def go_on() -> int:
    """Do rows that are left. Safe to run twice: each row is settled under its own lock."""
    return working.go_on()


@shared_task
def forget() -> int:
    """Drop bulks that are long over. Safe to run twice."""
    return operations.forget(timezone.now())
