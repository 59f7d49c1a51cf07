"""The scheduled door to what is due."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from itsm.clocks import due, heartbeat


@shared_task(bind=True)
def sweep(self: Any) -> int:
    """Keep the promises that are due, and note that it was done. Safe to run twice: each is kept under its own lock."""
    kept = due.sweep(timezone.now())
    heartbeat.swept(self.request.hostname)
    return kept
