"""Delivering one row of the outbox: whose turn it is, the attempt, and what came of it.

Most lanes lock the row, deliver it and mark it in one transaction. Lanes that note attempts commit the attempt first,
deliver with no transaction open, and mark it then: a crash between leaves a row that says when it was tried, and it is
tried again, under the same key, once its time is over. Twice rather than never.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb
from django.utils import timezone

from itsm import rows
from itsm.locks import is_connection_lost
from itsm.notifications import delivery_sql as sql
from itsm.notifications.channels import PutOff, Refused, known, owner_of
from itsm.notifications.lanes import MOST, Lane, counted
from itsm.notifications.models import Attempt, Delivery

logger = logging.getLogger(__name__)

_FIELDS = ["attempts", "last_error", "due_at", "dead_at", "delivered_at"]
_TOGETHER = 2.0  # seconds, after which no other of those that were claimed together is begun
_QUICK = 0.2  # seconds for each


def count_owed(at: datetime, lanes: Collection[Lane] | None, most: int | None) -> int:
    """How many could be delivered now; counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_OF_ONE if _is_one(lanes) else sql.COUNT, {**_asked(at, lanes), "most": most})
        found: int = cursor.fetchone()[0]
    return found


def owe(deliveries: Sequence[Delivery]) -> None:
    """Write these rows, due at once where they name no instant; those whose key is known are left out."""
    now, given = timezone.now(), list[Any]()
    for one in deliveries:
        due_at: Any = one.due_at  # where none is named, what stands for the database's own
        due = due_at if isinstance(due_at, datetime) else None
        given += one.channel, one.lane, one.key, one.aggregate, Jsonb(one.payload), now, due
    with connection.cursor() as cursor:
        cursor.execute(sql.OWE.format(", ".join([sql.OWED] * len(deliveries))), given)


def let_wait(at: datetime, lane: Lane) -> int:
    """Put what waits behind something that was put off to when that is due. Returns how many. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LET_WAIT, {"at": at, "lane": lane.value})
        moved: int = cursor.rowcount
    return moved


def _is_one(lanes: Collection[Lane] | None) -> bool:
    return lanes is not None and len(lanes) == 1


def _asked(at: datetime, lanes: Collection[Lane] | None) -> dict[str, Any]:
    names = None if lanes is None else [one.value for one in lanes]
    return {"at": at, "lanes": names, "lane": names[0] if names else "", "full": _in_flight.full()}


def deliver_next(at: datetime, lanes: Collection[Lane] | None = None, most: int = 1) -> int | None:
    """Deliver the one that waited longest; in a lane that takes several together, up to `most` for the same owner.

    How many left: what failed is put off. None: there is none now.
    """
    claimed: list[Delivery] = []
    attempts: dict[int, int] = {}
    try:
        with transaction.atomic():
            claimed = _claimed(at, lanes, most)
            if not claimed:
                return None
            noted_for = Lane(claimed[0].lane).manner.noted_for
            if noted_for is None:
                return _delivered_while_locked(claimed[0], at)
            attempts = _noted(claimed, at + noted_for)
        return _one_after_the_other(claimed, attempts, at)
    finally:
        if claimed:
            _in_flight.gives(claimed[0])


def _delivered_while_locked(owed: Delivery, at: datetime) -> int:
    owed.attempts = counted(owed.attempts)
    _marked(owed, at, *_attempted(owed, atomic=True))
    rows.update(owed, _FIELDS)
    if owed.attempts > 1 and (owed.delivered_at or owed.dead_at):
        _need_not_wait(owed, at)
    return int(owed.delivered_at is not None)


def _one_after_the_other(claimed: list[Delivery], attempts: dict[int, int], at: datetime) -> int:
    """Those that were claimed together. Where their receiver is slow the rest is given back, as if never claimed."""
    began, left = time.monotonic(), 0
    for place, owed in enumerate(claimed):
        if place and time.monotonic() - began > _TOGETHER:
            _give_back(claimed[place:], attempts)
            break
        said, failure = _attempted(owed, atomic=False)
        left += _concluded(owed, attempts[owed.pk], at, said, failure)
    _in_flight.answered(claimed[0], is_quick=time.monotonic() - began < _QUICK * len(claimed))
    return left


def _noted(claimed: list[Delivery], until: datetime) -> dict[int, int]:
    """Write the attempts down, and let nobody make others meanwhile. Ids of deliveries to those of attempts."""
    with connection.cursor() as cursor:
        cursor.execute(sql.BEGIN, {"ids": [one.pk for one in claimed], "until": until, "most": MOST})
        attempts = dict(cursor.fetchall())
    for one in claimed:
        one.attempts = counted(one.attempts)
    return attempts


def _give_back(untried: list[Delivery], attempts: dict[int, int]) -> None:
    given: dict[str, Any] = {
        "ids": [one.pk for one in untried], "due": [one.due_at for one in untried],
        "attempts": [attempts[one.pk] for one in untried],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.GIVE_BACK, given)


def _claimed(at: datetime, lanes: Collection[Lane] | None, most: int) -> list[Delivery]:
    """The row that waited longest, and what goes together with it, locked."""
    with _in_flight.claiming:
        asked = _asked(at, lanes)
        owed = next(iter(Delivery.objects.raw(sql.CLAIM_OF_ONE if _is_one(lanes) else sql.CLAIM, asked)), None)
        if owed is None:
            return []
        _in_flight.takes(owed)
        more = min(most, _in_flight.together(owed)) - 1
    if more < 1:
        return [owed]
    same = {**asked, "lane": owed.lane, "owner": owner_of(owed.aggregate), "first": owed.pk, "most": more}
    return [owed, *Delivery.objects.raw(sql.MORE, same)]


def _concluded(owed: Delivery, attempt: int, at: datetime, said: str, failure: Exception | None) -> bool:
    """Mark what came of an attempt that was noted; another attempt may have concluded the row meanwhile."""
    if failure is None:
        with connection.cursor() as cursor:
            cursor.execute(sql.DELIVERED, {"id": owed.pk, "at": at, "attempt": attempt, "said": said[:2000]})
        if owed.attempts > 1:
            _need_not_wait(owed, at)
        return True
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt).update(ok=False, said=said[:2000], ended_at=timezone.now())
        still = Delivery.objects.filter(pk=owed.pk, attempts=owed.attempts, delivered_at=None, dead_at=None)
        failed = still.select_for_update(no_key=True).first()
        if failed is not None:
            _marked(failed, at, said, failure)
            failed.save(update_fields=_FIELDS)
            if failed.dead_at is not None and failed.attempts > 1:
                _need_not_wait(failed, at)
    return False


def _need_not_wait(over: Delivery, at: datetime) -> None:
    """What waited behind it is due now."""
    with connection.cursor() as cursor:
        cursor.execute(sql.NEED_NOT_WAIT, {"at": at, "aggregate": over.aggregate, "id": over.pk})


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
    is_over = manner.is_over(owed.attempts, at - owed.created_at) and not is_connection_lost(failure)
    if isinstance(failure, Refused) or is_over:
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
        self._together: dict[str, int] = {}

    def full(self) -> list[str]:
        return sorted(self._full)

    def takes(self, owed: Delivery) -> None:
        self._count(owed, 1)

    def gives(self, owed: Delivery) -> None:
        with self.claiming:
            self._count(owed, -1)

    def together(self, owed: Delivery) -> int:
        """How many for its owner are claimed at once: one, and twice as many after each time that they were quick."""
        return self._together.get(owner_of(owed.aggregate), 1)

    def answered(self, owed: Delivery, *, is_quick: bool) -> None:
        owner, most = owner_of(owed.aggregate), Lane(owed.lane).manner.together
        if most > 1:
            with self.claiming:
                self._together[owner] = min(2 * self._together.get(owner, 1), most) if is_quick else 1

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
