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

from django.db import transaction
from django.db.models import Exists, F, Func, OuterRef, QuerySet, TextField, Value
from django.utils import timezone

from itsm.notifications.channels import PutOff, Refused, known, owner_of
from itsm.notifications.lanes import Lane, counted
from itsm.notifications.models import Attempt, Delivery

logger = logging.getLogger(__name__)

_FIELDS = ["attempts", "last_error", "due_at", "dead_at", "delivered_at"]
_OPEN = {"delivered_at": None, "dead_at": None}


def next_owed(at: datetime, lanes: Collection[Lane] | None) -> QuerySet[Delivery]:
    """What may be delivered now: due, the first of its aggregate, of nobody who is given enough at once already."""
    earlier = Delivery.objects.filter(aggregate=OuterRef("aggregate"), id__lt=OuterRef("id"), **_OPEN)
    owed = Delivery.objects.filter(due_at__lte=at, **_OPEN)
    if lanes is not None:
        owed = owed.filter(lane__in=lanes)
    if full := _in_flight.full():
        owner = Func(F("aggregate"), Value(":"), Value(1), function="split_part", output_field=TextField())
        owed = owed.alias(owner=owner).exclude(owner__in=full)
    return owed.exclude(Exists(earlier))


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
            owed.due_at = at + noted_for
            owed.save(update_fields=["attempts", "due_at"])
            attempt = Attempt.objects.create(delivery=owed, number=owed.attempts, begun_at=timezone.now())
        said, failure = _attempted(owed, atomic=False)
    finally:
        if owed is not None:
            _in_flight.gives(owed)
    return _concluded(attempt, at, said, failure)


def _claimed(at: datetime, lanes: Collection[Lane] | None) -> Delivery | None:
    """The row that waited longest, locked."""
    with _in_flight.claiming:
        free = next_owed(at, lanes).select_for_update(skip_locked=True, no_key=True, of=("self",))
        owed = free.order_by("due_at", "id").first()
        if owed is not None:
            _in_flight.takes(owed)
        return owed


@transaction.atomic
def _concluded(attempt: Attempt, at: datetime, said: str, failure: Exception | None) -> bool:
    """Mark what came of an attempt that was noted; another attempt may have concluded the row meanwhile."""
    attempt.ok = failure is None
    attempt.said = said[:2000]
    attempt.ended_at = timezone.now()
    attempt.save(update_fields=["ok", "said", "ended_at"])
    row = Delivery.objects.filter(pk=attempt.delivery_id, **_OPEN)
    if failure is None:
        row.update(delivered_at=at)
        return True
    failed = row.select_for_update(no_key=True).filter(attempts=attempt.number).first()
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
