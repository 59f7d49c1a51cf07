"""Whether the rows of clocks and what is due of them still say what their events say.

What a settled clock counted stays as it was settled: by zone data of today it may count otherwise; no outcome moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from itsm import rows
from itsm.clocks import thresholds
from itsm.clocks.algebra import Reading
from itsm.clocks.models import Clock, Due
from itsm.clocks.owners import owner_of
from itsm.clocks.reading import PROJECTED, earliest_due, read, row_of
from itsm.clocks.terms import Terms

_COUNTED = ("counted_s", "outcome", "late_s", "by_change")


@dataclass(frozen=True, slots=True)
class Fault:
    """A clock and what of it is wrong: column, or `due rows`, with what is there and what should be.

    `settled`: what a settled clock would count today; nothing is wrong with that, and nobody writes it.
    """

    clock: Clock
    wrong: dict[str, tuple[Any, Any]]
    settled: dict[str, tuple[Any, Any]]


def faults(now: datetime, *, repair: bool = False) -> Iterator[Fault]:
    """Every clock with events whose row, or due rows to come, differ from its fold; repaired one by one if asked.

    Clocks without events (imported ones) are passed over; settled outcomes are told and never written.
    """
    for clock_id in Clock.objects.order_by("id").values_list("pk", flat=True).iterator(chunk_size=500):
        with transaction.atomic():
            fault = _fault_of(clock_id, now, repair)
        if fault is not None:
            yield fault


def _fault_of(clock_id: int, now: datetime, repair: bool) -> Fault | None:
    clocks = Clock.objects.all()
    if repair:
        record_kind, record_id = clocks.values_list("record_kind", "record_id").get(pk=clock_id)
        if owner := owner_of(record_kind):
            owner.lock(record_id)
        clocks = clocks.select_for_update(no_key=True)
    clock = clocks.get(pk=clock_id)
    events = list(clock.events.order_by("id"))
    if not events:
        return None
    reading = read(events)
    wanted = row_of(events, reading)
    wrong = {name: (getattr(clock, name), wanted[name]) for name in PROJECTED if getattr(clock, name) != wanted[name]}
    settled = {}
    if (clock.state, clock.outcome_at) == (wanted["state"], wanted["outcome_at"]) and not clock.is_open:
        settled = {name: wrong.pop(name) for name in _COUNTED if name in wrong}
    for name, value in wanted.items():
        if name not in settled:
            setattr(clock, name, value)
    if (differing := _due_rows(clock, reading, now)) is not None:
        wrong["due rows"] = differing
    if not (wrong or settled):
        return None
    if repair and wrong:
        _repair(clock, reading, now)
    return Fault(clock, wrong, settled)


def _due_rows(clock: Clock, reading: Reading, now: datetime) -> tuple[Any, Any] | None:
    """The due rows to come and those that should be; None where they are the same. What has passed is not looked at."""
    coming = dict(thresholds.instants(reading, Terms.from_json(clock.terms)))
    wanted = {thresholds.PREFIX + name: at for name, at in coming.items() if at > now}
    promised = Due.objects.filter(record_kind=thresholds.KIND, record_id=clock.pk, done_at=None, given_up_at=None)
    if reading.due_at is not None:
        promised = promised.filter(at__gt=now)
    there = dict(promised.values_list("name", "at"))
    return None if there == wanted else (there, wanted)


def _repair(clock: Clock, reading: Reading, now: datetime) -> None:
    rows.update(clock, [name.removesuffix("_id") for name in PROJECTED])
    thresholds.promise([(clock, reading)], now)
    if owner := owner_of(clock.record_kind):
        owner.due_moved(clock.record_id, earliest_due(clock.record_kind, clock.record_id))
