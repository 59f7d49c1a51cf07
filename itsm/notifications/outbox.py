"""The transactional outbox: owe something inside a transaction, deliver it after the commit.

Two relays deliver once (`delivering`), a failed delivery stays owed, and a crash between sending and marking sends
again: receivers see the same idempotency key. Rows of one aggregate leave in order. Each channel has a lane (`lanes`),
and what is slow in one holds up no other. After a restore nothing leaves until it is released. Celery only carries the
nudge.
"""

import logging
import queue
import secrets
import threading
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction

from itsm.notifications import channels, quarantine
from itsm.notifications.channels import PutOff as PutOff
from itsm.notifications.channels import Refused as Refused
from itsm.notifications.delivering import count_owed, deliver_next, owe
from itsm.notifications.delivering import let_wait as let_wait
from itsm.notifications.lanes import CELERY, Lane
from itsm.notifications.models import Delivery

logger = logging.getLogger(__name__)

MOST_TOGETHER = 100
NUDGE = 9  # a burst of nudges stands behind the sweeps in the queue, never before them


def register(
    channel: str,
    handler: channels.Handler,
    *,
    lane: Lane = Lane.DESK,
    at_once: int | None = None,
    died: channels.Died | None = None,
) -> None:
    """Say how a channel delivers, and in which lane. Called once per channel, at start.

    In lanes that note attempts the handler is called with no transaction open, and what it returns is kept. `at_once`
    and `died`: see `channels.Channel`.
    """
    channels.known[channel] = channels.Channel(handler, lane, at_once, died)


def enqueue(channel: str, payload: dict[str, Any], *, aggregate: str, key: str = "") -> None:
    """Owe one delivery, in the caller's transaction. The same key is owed once."""
    owe_all([Delivery(channel=channel, payload=payload, aggregate=aggregate, key=key or secrets.token_hex(16))])


def owe_all(deliveries: Sequence[Delivery]) -> None:
    """Owe several, each with its key, in one statement however many they are."""
    for one in deliveries:
        one.lane = channels.lane_of(one.channel)
    if deliveries:
        owe(deliveries)
    if any(one.lane in CELERY for one in deliveries):  # the other lanes look each second
        transaction.on_commit(nudge, robust=True)


def relay(at: datetime, limit: int = 100, *, lanes: Collection[Lane] | None = None) -> int:
    """Deliver what is owed at `at`, in order within an aggregate, one after the other. Returns how many left.

    `lanes`: of these alone; without it, of all.
    """
    if quarantine.since():
        return 0
    left = 0
    while left < limit:  # what failed is no longer due
        delivered = deliver_next(at, lanes, most=limit - left)
        if delivered is None:
            break
        left += delivered
    return left


def relay_some(at: datetime, lanes: Collection[Lane]) -> int | None:
    """Deliver the one of these lanes that waited longest, and what goes together with it: how many left; None where
    nothing is owed now."""
    return None if quarantine.since() else deliver_next(at, lanes, most=MOST_TOGETHER)


def waiting(at: datetime, lanes: Collection[Lane], *, most: int | None = None) -> int:
    """How many could be delivered at `at`, one of each aggregate; counted up to `most`. 0 while all is held."""
    return 0 if quarantine.since() else count_owed(at, lanes, most)


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
