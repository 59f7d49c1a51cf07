"""Delivering one row of the outbox: whose turn it is, the attempt, and what came of it.

Most lanes lock the row, deliver it and mark it in one transaction. Lanes that note attempts commit the attempt first,
deliver with no transaction open, and mark it then: a crash between leaves a row that says when it was tried, and it is
tried again, under the same key, once its time is over. Twice rather than never.
"""

import logging
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from itsm.notifications.channels import PutOff, Refused, known, owner_of
from itsm.notifications.lanes import Lane, counted
from itsm.notifications.models import Attempt, Delivery

logger = logging.getLogger(__name__)

_FIELDS = ["attempts", "last_error", "due_at", "dead_at", "delivered_at"]


# Due, the first of its aggregate, of nobody who is given enough at once already. Written out: asked for each delivery.
_OWED = """
FROM notifications_delivery d
WHERE d.due_at <= %(at)s AND d.delivered_at IS NULL AND d.dead_at IS NULL
  AND (%(lanes)s::text[] IS NULL OR d.lane = ANY (%(lanes)s::text[]))
  AND NOT split_part(d.aggregate, ':', 1) = ANY (%(full)s::text[])
  AND NOT EXISTS (
    SELECT FROM notifications_delivery e
    WHERE e.aggregate = d.aggregate AND e.id < d.id AND e.delivered_at IS NULL AND e.dead_at IS NULL
  )
"""
_CLAIM = f"SELECT d.* {_OWED} ORDER BY d.due_at, d.id LIMIT 1 FOR NO KEY UPDATE OF d SKIP LOCKED"
_COUNT = f"SELECT count(*) FROM (SELECT d.id {_OWED} LIMIT %(most)s) AS owed"  # noqa: S608
_BEGIN = """
WITH begun AS (UPDATE notifications_delivery SET attempts = %(number)s, due_at = %(until)s WHERE id = %(id)s)
INSERT INTO notifications_attempt (delivery_id, number, begun_at, said)
VALUES (%(id)s, %(number)s, clock_timestamp(), '') RETURNING id
"""
_DELIVERED = """
WITH marked AS (
  UPDATE notifications_delivery SET delivered_at = %(at)s
  WHERE id = %(id)s AND delivered_at IS NULL AND dead_at IS NULL
)
UPDATE notifications_attempt SET ok = true, said = %(said)s, ended_at = clock_timestamp() WHERE id = %(attempt)s
"""


def count_owed(at: datetime, lanes: Collection[Lane] | None, most: int | None) -> int:
    """How many could be delivered now; counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {**_asked(at, lanes), "most": most})
        found: int = cursor.fetchone()[0]
    return found


def _asked(at: datetime, lanes: Collection[Lane] | None) -> dict[str, Any]:
    return {"at": at, "lanes": None if lanes is None else [one.value for one in lanes], "full": _in_flight.full()}


def deliver_next(at: datetime, lanes: Collection[Lane] | None = None) -> bool | None:
    """Deliver the one that waited longest. True: it left; False: it failed and is put off; None: there is none now."""
    owed = attempt = None
    try:
        with transaction.atomic():
            owed = _claimed(at, lanes)
            if owed is None:
                return None
            owed.attempts = counted(owed.attempts)
            noted_for = Lane(owed.lane).manner.noted_for
            if noted_for is None:
                _marked(owed, at, *_attempted(owed, atomic=True))
                owed.save(update_fields=_FIELDS)
                return owed.delivered_at is not None
            attempt = _noted(owed, at + noted_for)
        said, failure = _attempted(owed, atomic=False)
    finally:
        if owed is not None:
            _in_flight.gives(owed)
    return _concluded(owed, attempt, at, said, failure)


def _noted(owed: Delivery, until: datetime) -> int:
    """Write the attempt down, and let nobody make another one meanwhile. Its id."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"id": owed.pk, "number": owed.attempts, "until": until})
        attempt: int = cursor.fetchone()[0]
    return attempt


def _claimed(at: datetime, lanes: Collection[Lane] | None) -> Delivery | None:
    """The row that waited longest, locked."""
    with _in_flight.claiming:
        owed = next(iter(Delivery.objects.raw(_CLAIM, _asked(at, lanes))), None)
        if owed is not None:
            _in_flight.takes(owed)
        return owed


def _concluded(owed: Delivery, attempt: int, at: datetime, said: str, failure: Exception | None) -> bool:
    """Mark what came of an attempt that was noted; another attempt may have concluded the row meanwhile."""
    if failure is None:
        with connection.cursor() as cursor:
            cursor.execute(_DELIVERED, {"id": owed.pk, "at": at, "attempt": attempt, "said": said[:2000]})
        return True
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt).update(ok=False, said=said[:2000], ended_at=timezone.now())
        still = Delivery.objects.filter(pk=owed.pk, attempts=owed.attempts, delivered_at=None, dead_at=None)
        failed = still.select_for_update(no_key=True).first()
        if failed is not None:
            _marked(failed, at, said, failure)
            failed.save(update_fields=_FIELDS)
    return False


def _attempted(owed: Delivery, *, atomic: bool) -> tuple[str, Exception | None]:
    """What was said, and what went wrong: whatever it is, the row stays owed."""
    try:
        with transaction.atomic() if atomic else nullcontext():
            return known[owed.channel].deliver(owed) or "", None
    except Exception as error:
        logger.warning("delivery %s over %s failed: %s", owed.pk, owed.channel, type(error).__name__)
        is_worded = isinstance(error, (PutOff, Refused))
        return str(error) if is_worded else f"{type(error).__name__}: {error}", error


def _marked(owed: Delivery, at: datetime, said: str, failure: Exception | None) -> None:
    if failure is None:
        owed.delivered_at = at
        return
    manner = Lane(owed.lane).manner
    wait = manner.wait(owed.attempts)
    owed.last_error = said[:2000]
    owed.due_at = at + wait
    if isinstance(failure, PutOff):
        owed.due_at = at + max(wait, failure.wait)
    if isinstance(failure, Refused) or manner.is_over(owed.attempts, at - owed.created_at):
        owed.dead_at = at
        _tell_of_death(owed, at)


def _tell_of_death(owed: Delivery, at: datetime) -> None:
    channel = known.get(owed.channel)
    if channel is None or channel.died is None:
        return
    try:
        with transaction.atomic():
            channel.died(owed, at)
    except Exception:  # the row is given up all the same
        logger.exception("what follows the end of delivery %s failed", owed.pk)


class _InFlight:
    """How many attempts this process is making for each owner that wants few at once."""

    def __init__(self) -> None:
        self.claiming = threading.Lock()
        self._made: Counter[str] = Counter()
        self._full: set[str] = set()

    def full(self) -> list[str]:
        return sorted(self._full)

    def takes(self, owed: Delivery) -> None:
        self._count(owed, 1)

    def gives(self, owed: Delivery) -> None:
        with self.claiming:
            self._count(owed, -1)

    def _count(self, owed: Delivery, by: int) -> None:
        channel, owner = known.get(owed.channel), owner_of(owed.aggregate)
        if channel is None or channel.at_once is None:
            return
        self._made[owner] += by
        if self._made[owner] >= channel.at_once:
            self._full.add(owner)
        else:
            self._full.discard(owner)
            if not self._made[owner]:
                del self._made[owner]


_in_flight = _InFlight()
