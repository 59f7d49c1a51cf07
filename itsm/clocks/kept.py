"""Stored clocks at hand: each with its events and those that are to be appended. The row becomes their fold.

For `operations`, which holds the record; the clocks are locked here, after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itsm import rows
from itsm.clocks import thresholds
from itsm.clocks.algebra import Reading
from itsm.clocks.models import Clock, ClockEvent
from itsm.clocks.owners import owner_of
from itsm.clocks.reading import PROJECTED, read, row_of
from itsm.clocks.terms import Terms

MAX_WHY = 200
_OF_RECORD = "it.record_kind = %s AND it.record_id = %s ORDER BY it.name, it.cycle FOR NO KEY UPDATE"
_OF_CLOCKS = "it.clock_id = ANY (%s) ORDER BY it.id"


@dataclass(slots=True)
class KeptClock:
    """A clock with its events, and those that are to be appended."""

    clock: Clock
    events: list[ClockEvent]
    new: list[ClockEvent] = field(default_factory=list)

    @property
    def all(self) -> list[ClockEvent]:
        return [*self.events, *self.new]

    @property
    def last_at(self) -> datetime | None:
        return max((one.at for one in self.all), default=None)

    def append(self, happened: str, at: datetime, now: datetime, why: str = "", terms: Terms | None = None) -> None:
        """Events of a clock do not run backwards: what comes late is noted at the last one's instant."""
        last = self.last_at
        if happened != ClockEvent.Happened.RECOUNTED and last is not None and at < last:
            at = last
        kept = None if terms is None else terms.to_json()
        event = ClockEvent(happened=happened, at=whole_seconds(at), noted_at=now, why=why[:MAX_WHY], terms=kept)
        self.new.append(event)

    def project(self) -> Reading:
        """The row becomes the fold of the events."""
        events = self.all
        reading = read(events)
        for name, value in row_of(events, reading).items():
            setattr(self.clock, name, value)
        return reading


def whole_seconds(at: datetime) -> datetime:
    """Clocks count whole seconds."""
    return at.replace(microsecond=0)


def kept_clocks(record_kind: str, record_id: int) -> dict[str, list[KeptClock]]:
    """Its clocks by name, each with its events, in order of their cycles; locked."""
    found: dict[str, list[KeptClock]] = {}
    by_clock: dict[int, KeptClock] = {}
    for clock in rows.every(Clock, (), _OF_RECORD, [record_kind, record_id]):
        by_clock[clock.pk] = kept = KeptClock(clock, [])
        found.setdefault(clock.name, []).append(kept)
    for event in rows.every(ClockEvent, (), _OF_CLOCKS, [list(by_clock)]) if by_clock else ():
        by_clock[event.clock_id].events.append(event)
    return found


def store(kept: Sequence[KeptClock], now: datetime) -> None:
    """Rows, events and due rows of these clocks, in few statements."""
    readings = [(one.clock, one.project()) for one in kept]
    for clock, reading in readings:
        to_come = {name for name, at in thresholds.instants(reading, Terms.from_json(clock.terms)) if at > now}
        clock.told = [name for name in clock.told if name not in to_come]
    born = [pair for pair in readings if pair[0].pk is None]
    old = [pair for pair in readings if pair[0].pk is not None]
    for clock, _ in old:
        rows.update(clock, [*(name.removesuffix("_id") for name in PROJECTED), "told"])
    rows.insert_all([clock for clock, _ in born])
    for one in kept:
        for event in one.new:
            event.clock = one.clock
    rows.insert_all([event for one in kept for event in one.new])
    for one in kept:
        one.events, one.new = one.all, []
    if old:
        thresholds.promise(old, now)
    if born:
        thresholds.promise(born, now, are_new=True)


def tell_due(record_kind: str, record_id: int, kept: Iterable[KeptClock]) -> datetime | None:
    """The earliest due of a record's running clocks (all of them are `kept`), after its owner heard of it."""
    earliest = min((one.clock.due_at for one in kept if one.clock.due_at is not None), default=None)
    if owner := owner_of(record_kind):
        owner.due_moved(record_id, earliest)
    return earliest
