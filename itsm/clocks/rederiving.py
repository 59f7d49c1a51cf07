"""When zone data changed (`tzdata`): what runs is counted by the new data, and so are dues that follow from calendars.

Settled outcomes never move. A second run finds nothing. Apps whose own due rows follow from calendars register them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from itsm.clocks.calendars import hours_of
from itsm.clocks.kept import kept_clocks, store, tell_due
from itsm.clocks.models import Clock
from itsm.clocks.operations import OPEN
from itsm.clocks.owners import owner_of


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that is due at another instant now; None: at none."""

    what: str
    before: datetime | None
    after: datetime | None


Rederive = Callable[[datetime], Iterator[Moved]]
_others: list[Rederive] = []


def register(rederive: Rederive) -> None:
    """Say what else follows from calendars: it mends its due rows and tells which moved. Called once, at start."""
    _others.append(rederive)


def rederive(now: datetime) -> Iterator[Moved]:
    """Count every open clock anew, a record at a time, by zone data as they are now. Repeatable."""
    ZoneInfo.clear_cache()
    hours_of.cache_clear()
    records = Clock.objects.filter(state__in=OPEN).order_by("record_kind", "record_id")
    for kind, record_id in records.values_list("record_kind", "record_id").distinct().iterator(chunk_size=500):
        yield from _of_record(kind, record_id, now)
    for other in _others:
        yield from other(now)


@transaction.atomic
def _of_record(record_kind: str, record_id: int, now: datetime) -> list[Moved]:
    owner = owner_of(record_kind)
    if owner is not None:
        owner.lock(record_id)
    known = kept_clocks(record_kind, record_id)
    changed, moved = [], []
    for one in chain(*known.values()):
        if not (one.clock.is_open and one.events):
            continue
        before = _standing(one.clock)
        one.project()
        if _standing(one.clock) != before:
            changed.append(one)
            moved.append(Moved(str(one.clock), before[0], one.clock.due_at))
    if changed:
        store(changed, now)
        tell_due(record_kind, record_id, chain(*known.values()))
    return moved


def _standing(clock: Clock) -> tuple[Any, ...]:
    return clock.due_at, clock.counted_s
