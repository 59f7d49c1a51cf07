"""What happened to a clock, and what it says of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from itsm.clocks.hours import Hours


class Happened(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    VOIDED = "voided"
    RETARGETED = "retargeted"
    RECOUNTED = "recounted"


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    VOID = "void"


class Outcome(StrEnum):
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a clock counts by: hours of a calendar (`calendar` tells two apart), and a target in seconds, if any."""

    hours: Hours
    target_s: int | None = None
    calendar: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in the order in which it was noted. `basis`: of started, retargeted and recounted."""

    happened: Happened
    at: datetime
    basis: Basis | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that ran under one basis; `before` are the seconds that had counted when it began."""

    begin: datetime
    end: datetime
    hours: Hours
    before: int
    counted: int


@dataclass(slots=True)
class Reading:
    """What a clock says after its last event.

    `counted_s` up to `running_since`, which is None where it does not run. `reached_at`: when its target was used up.
    """

    state: State = State.VOID
    target_s: int | None = None
    counted_s: int = 0
    running_since: datetime | None = None
    due_at: datetime | None = None
    outcome: Outcome | None = None
    outcome_at: datetime | None = None
    late_s: int = 0
    by_change: bool = False
    reached_at: datetime | None = None
    hours: Hours | None = None
    pieces: list[Piece] = field(default_factory=list)

    def elapsed(self, now: datetime) -> int:
        """Seconds that have counted by now."""
        if self.running_since is None or self.hours is None:
            return self.counted_s
        return self.counted_s + self.hours.counted(self.running_since, now)

    def when(self, seconds: int) -> datetime | None:
        """The earliest instant with so many seconds elapsed: past, or to come if it runs on; None where it does not."""
        for piece in self.pieces:
            if piece.before + piece.counted >= seconds:
                return piece.hours.after(piece.begin, seconds - piece.before)
        if self.running_since is None or self.hours is None:
            return None
        return self.hours.after(self.running_since, seconds - self.counted_s)

    def late_by(self, seconds: int) -> datetime | None:
        """The instant at which it has run so many counted seconds past its due; None without a due."""
        if self.due_at is None or self.hours is None or self.target_s is None:
            return None
        if self.reached_at is None:
            return self.hours.after(self.due_at, seconds)
        return self.when(self._elapsed_at(self.reached_at) + seconds)

    def _elapsed_at(self, at: datetime) -> int:
        return sum(piece.hours.counted(piece.begin, min(piece.end, at)) for piece in self.pieces)

    def _counted_since(self, at: datetime) -> int:
        return sum(piece.hours.counted(max(piece.begin, at), piece.end) for piece in self.pieces)
