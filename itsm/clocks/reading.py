"""Reading a clock: pure arithmetic over its events, so that every elapsed time can be explained."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

RUNNING = frozenset({"started", "resumed"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of time that counted or did not, and why."""

    begin: datetime
    end: datetime
    counted: bool
    why: str

    @property
    def length(self) -> timedelta:
        return self.end - self.begin


def stretches(events: Iterable[tuple[str, datetime, str]], now: datetime) -> list[Stretch]:
    """The clock's time cut at its events (happened, at, why), up to `now` or its stop."""
    found: list[Stretch] = []
    previous: tuple[str, datetime, str] | None = None
    for event in events:
        if previous is not None:
            found.append(Stretch(previous[1], event[1], previous[0] in RUNNING, previous[2]))
        previous = event
    if previous is not None and previous[0] != "stopped" and now > previous[1]:
        found.append(Stretch(previous[1], now, previous[0] in RUNNING, previous[2]))
    return found


def elapsed(events: Iterable[tuple[str, datetime, str]], now: datetime) -> timedelta:
    """The time that counted."""
    return sum((piece.length for piece in stretches(events, now) if piece.counted), timedelta())
