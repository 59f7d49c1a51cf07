"""The scheduled door to what is due."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from itsm.clocks import due, heartbeat
from itsm.clocks.rederiving import rederive


@shared_task(bind=True)
def sweep(self: Any) -> int:
    """Keep the promises that are due, and note that it was done. Safe to run twice: each is kept under its own lock."""
    kept = due.sweep(timezone.now())
    heartbeat.swept(self.request.hostname)
    return kept


@shared_task
def rederive_clocks() -> int:
    """Count what runs by the zone data of today. Safe to run twice: what follows from it already is left alone."""
    return sum(1 for _moved in rederive(timezone.now()))
