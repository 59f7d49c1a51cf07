"""The scheduled door to what is due."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from itsm.clocks import due, heartbeat
from itsm.clocks.rederiving import rederive
from itsm.locks import AdvisoryLock, for_a_session
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane


@shared_task(bind=True)
def sweep(self: Any) -> int:
    """Keep the promises that are due, and note that it was done. Safe to run twice: each is kept under its own lock."""
    kept = due.sweep(timezone.now(), lanes=(Lane.DESK,))
    heartbeat.swept(self.request.hostname)
    return kept


@shared_task
def keep_bulk() -> int:
    """What nobody waits for, in one process at a time. Safe to run twice: each row is done under its own lock."""
    with for_a_session(AdvisoryLock.BULK_LANE) as is_mine:
        if not is_mine:
            return 0
        at, lanes = timezone.now(), (Lane.BULK,)
        return due.sweep(at, lanes=lanes) + outbox.relay(at, lanes=lanes)


@shared_task
def rederive_clocks() -> int:
    """Count what runs by the zone data of today. Safe to run twice: what follows from it already is left alone."""
    return sum(1 for _moved in rederive(timezone.now()))
