"""The scheduled door to what is due."""

from celery import shared_task
from django.utils import timezone

from itsm.clocks import due


@shared_task
def sweep() -> int:
    """Keep the promises that are due. Safe to run twice: each is kept under its own row lock."""
    return due.sweep(timezone.now())
