"""The fold: from what happened to a clock, in its order, to what it says."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from itsm.clocks.algebra.values import Basis, Event, Happened, Outcome, Piece, Reading, State
from itsm.clocks.hours import Hours

_Bases = list[tuple[datetime, Basis]]


def bases_of(events: Sequence[Event]) -> list[tuple[datetime, Basis]]:
    """From when on which basis holds. A recount replaces the hours of its calendar from its instant on."""
    found: _Bases = []
    for event in unsettled(events):
        if event.basis is None:
            continue
        if event.happened is Happened.RECOUNTED:
            found = _recounted(found, event.at, event.basis)
        else:
            found.append((event.at, event.basis))
    return found


def _recounted(bases: _Bases, at: datetime, new: Basis) -> _Bases:
    found: _Bases = []
    in_force: Basis | None = None
    for begin, basis in bases:
        if begin >= at and in_force is not None and in_force.calendar == new.calendar and found[-1][0] < at < begin:
            found.append((at, Basis(new.hours, in_force.target_s, new.calendar)))
        same = begin >= at and basis.calendar == new.calendar
        found.append((begin, Basis(new.hours, basis.target_s, basis.calendar) if same else basis))
        in_force = basis
    if in_force is not None and in_force.calendar == new.calendar and found[-1][0] < at:
        found.append((at, Basis(new.hours, in_force.target_s, new.calendar)))
    return found


def unsettled(events: Sequence[Event]) -> list[Event]:
    """Without what was noted about a clock while it stood still for good."""
    found, settled = [], False
    for event in events:
        if settled and event.happened in (Happened.RETARGETED, Happened.RECOUNTED):
            continue
        if event.happened in (Happened.STOPPED, Happened.VOIDED):
            settled = True
        elif event.happened is Happened.RESUMED:
            settled = False
        found.append(event)
    return found


class _Walk:
    """Walks the events in time. `ran_until`: the end of the last running time."""

    def __init__(self, bases: _Bases) -> None:
        self.bases = bases
        self.reading = Reading()
        self.cursor: datetime | None = None
        self.ran_until: datetime | None = None

    def advance(self, to: datetime) -> None:
        """Count up to here, cut where another basis begins."""
        reading = self.reading
        if reading.running_since is None or self.cursor is None:
            return
        for begin, end, hours in self._cuts(self.cursor, to):
            counted = hours.counted(begin, end)
            piece = Piece(begin, end, hours, reading.counted_s, counted)
            reading.pieces.append(piece)
            if reading.target_s is not None and reading.reached_at is None:
                left = reading.target_s - reading.counted_s
                if counted >= left:
                    reading.reached_at = hours.after(begin, left)
            reading.counted_s += counted
        self.cursor = reading.running_since = max(self.cursor, to)
        self.ran_until = self.cursor

    def _cuts(self, begin: datetime, end: datetime) -> Iterable[tuple[datetime, datetime, Hours]]:
        for place, (since, basis) in enumerate(self.bases):
            until = self.bases[place + 1][0] if place + 1 < len(self.bases) else end
            first, last = max(since, begin), min(until, end)
            if first < last:
                yield first, last, basis.hours

    def is_late(self) -> bool:
        """It ran on after it was due, or a change left it nothing."""
        reading = self.reading
        if reading.by_change:
            return True
        return reading.reached_at is not None and self.ran_until is not None and reading.reached_at < self.ran_until

    def take(self, event: Event) -> None:
        reading = self.reading
        self.advance(event.at)
        match event.happened:
            case Happened.STARTED if event.basis is not None:
                reading.target_s = event.basis.target_s
                self._run(event.at)
            case Happened.RESUMED if reading.state in (State.PAUSED, State.STOPPED):
                reading.outcome, reading.outcome_at, reading.late_s = None, None, 0
                self._run(event.at)
            case Happened.PAUSED if reading.state is State.RUNNING:
                reading.state, reading.running_since = State.PAUSED, None
            case Happened.STOPPED if reading.state in (State.RUNNING, State.PAUSED):
                self._stop(event.at)
            case Happened.VOIDED:
                reading.state, reading.running_since = State.VOID, None
                reading.outcome, reading.outcome_at, reading.late_s, reading.by_change = None, None, 0, False
            case Happened.RETARGETED if event.basis is not None and reading.state is not State.VOID:
                self._retarget(event.at, event.basis.target_s)

    def _run(self, at: datetime) -> None:
        reading = self.reading
        reading.state, reading.running_since = State.RUNNING, at
        self.cursor = at

    def _stop(self, at: datetime) -> None:
        reading = self.reading
        reading.state, reading.running_since = State.STOPPED, None
        if reading.target_s is None:
            return
        late = self.is_late()
        reading.outcome, reading.outcome_at = (Outcome.BREACHED if late else Outcome.MET), at
        if late and reading.reached_at is not None:
            reading.late_s = reading._counted_since(reading.reached_at)

    def _retarget(self, at: datetime, target_s: int | None) -> None:
        reading, late, old = self.reading, self.is_late(), self.reading.target_s
        if target_s == old:
            return
        reading.target_s = target_s
        if target_s is None or reading.counted_s < target_s:
            reading.reached_at, reading.by_change = None, False
        elif not late:
            reading.reached_at, reading.by_change = at, True
        elif old is not None and target_s > old and not reading.by_change:
            reading.reached_at = reading.when(target_s)  # late still, by less


def fold(events: Sequence[Event]) -> Reading:
    """What the clock says after these events, in the order in which they were noted. The first is `started`.

    An event that changes nothing where the clock stands (a pause of a paused clock) counts for nothing; neither does
    a new target of a clock that has stopped: what is settled does not move.
    """
    events = unsettled(events)
    bases = bases_of(events)
    walk = _Walk(bases)
    for event in events:
        if event.happened is not Happened.RECOUNTED:
            walk.take(event)
    reading = walk.reading
    reading.hours = bases[-1][1].hours if bases else None
    last = max((event.at for event in events), default=None)
    if last is not None and reading.state is State.RUNNING:
        walk.advance(last)  # a recount may be the last that happened
        if reading.target_s is not None:
            reading.due_at = reading.reached_at or reading.when(reading.target_s)
    return reading
