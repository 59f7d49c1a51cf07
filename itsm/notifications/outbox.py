"""The transactional outbox: owe something inside a transaction, deliver it after the commit.

The relay locks a row, delivers it and marks it in one transaction. Two relays deliver once, a
failed delivery stays owed, and a crash between sending and marking sends again: receivers see the
same idempotency key. Rows of one aggregate leave in order. After a restore nothing leaves until it is released.
Celery only carries the nudge.
"""

import logging
import queue
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Exists, OuterRef

from itsm.notifications import quarantine
from itsm.notifications.models import Delivery

logger = logging.getLogger(__name__)

Handler = Callable[[Delivery], None]
_handlers: dict[str, Handler] = {}

ATTEMPTS = 10
NUDGE = 9  # a burst of nudges stands behind the sweeps in the queue, never before them


def register(channel: str, handler: Handler) -> None:
    """Say how a channel delivers. Called once per channel, at start."""
    _handlers[channel] = handler


def enqueue(channel: str, payload: dict[str, Any], *, aggregate: str, key: str = "") -> None:
    """Owe one delivery, in the caller's transaction. The same key is owed once."""
    owe_all([Delivery(channel=channel, payload=payload, aggregate=aggregate, key=key or secrets.token_hex(16))])


def owe_all(deliveries: Sequence[Delivery]) -> None:
    """Owe several, each with its key, in one statement however many they are."""
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        transaction.on_commit(nudge, robust=True)


def relay(at: datetime, limit: int = 100) -> int:
    """Deliver what is owed at `at`, oldest first, in order within an aggregate. Returns how many left."""
    if quarantine.since():
        return 0
    earlier = Delivery.objects.filter(
        aggregate=OuterRef("aggregate"), id__lt=OuterRef("id"), delivered_at=None, dead_at=None
    )
    owed = Delivery.objects.filter(due_at__lte=at, delivered_at=None, dead_at=None).exclude(Exists(earlier))
    left = 0
    while left < limit:  # each round sends the next of every aggregate; what failed is no longer due
        round_sent = sum(_deliver(one, at) for one in list(owed.values_list("id", flat=True)[: limit - left]))
        left += round_sent
        if not round_sent:
            break
    return left


@transaction.atomic
def _deliver(delivery_id: int, at: datetime) -> bool:
    # Still due under the lock: another relay may have tried it and put it off meanwhile.
    unsent = Delivery.objects.select_for_update(skip_locked=True, no_key=True).filter(delivered_at=None, dead_at=None)
    owed = unsent.filter(pk=delivery_id, due_at__lte=at).first()
    if owed is None:
        return False
    owed.attempts += 1
    try:
        with transaction.atomic():
            _handlers[owed.channel](owed)
    except Exception as error:  # stays owed, whatever the other side did
        logger.warning("delivery %s over %s failed: %s", owed.pk, owed.channel, type(error).__name__)
        owed.last_error = f"{type(error).__name__}: {error}"[:2000]
        owed.due_at = at + timedelta(seconds=min(5 * 4**owed.attempts, 6 * 3600))
        owed.dead_at = at if owed.attempts >= ATTEMPTS else None
    else:
        owed.delivered_at = at
    owed.save(update_fields=["attempts", "last_error", "due_at", "dead_at", "delivered_at"])
    return owed.delivered_at is not None


class _Nudger:
    """Publishes nudges from a thread of its own: a silent broker never holds a request."""

    def __init__(self) -> None:
        self._wanted: queue.Queue[None] = queue.Queue(maxsize=1)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._publish, name="outbox-nudge", daemon=True)
                self._thread.start()
        try:
            self._wanted.put_nowait(None)
        except queue.Full:
            return  # one is already on its way; they are all the same

    def _publish(self) -> None:
        while True:
            self._wanted.get()
            try:
                current_app.send_task("itsm.notifications.tasks.relay", expires=5, priority=NUDGE, retry=False)
            except Exception as error:  # the sweep every five seconds delivers it anyway
                logger.warning("no nudge: %s", type(error).__name__)


nudge = _Nudger()
