"""Peers and re-fires: what a message means, given what is known of its fingerprint.

Alertmanager repeats what fires with the same start, re-fires with a new one, and unclustered pairs send the same alert
with starts that differ a little; a late peer repeats a firing after its end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SAME = timedelta(minutes=5)  # starts that are one
LATE = timedelta(minutes=5)  # after an end: who still says it fires is no late peer any more
AHEAD = timedelta(minutes=5)
OLD = timedelta(days=7)


class Does(StrEnum):
    """What a message does."""

    OPENS = "opens"  # a new occurrence
    REFRESHES = "refreshes"
    RESTARTS = "restarts"  # the open one ended unseen; a new one
    ENDS = "ends"
    KEPT_ENDED = "kept ended"  # a new occurrence that is over
    REOPENS = "reopens"
    LATE_PEER = "late peer"  # counted, nothing else
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Known:
    """`open_since`: the start of the open occurrence; `ended_at`: when the one of this very start ended."""

    open_since: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """`start`: as told, or the receipt where it is in `doubt`; `end`: of what is resolved."""

    fires: bool
    start: datetime
    doubt: bool
    end: datetime | None


def said(*, fires: bool, started_at: datetime | None, ended_at: datetime | None, received_at: datetime) -> Said:
    """The message with instants that can be meant: a start far ahead or long ago is the receipt, and in doubt.

    An end before the start, or far ahead, is the receipt too.
    """
    start = started_at or received_at
    doubt = started_at is not None and (start - received_at > AHEAD or received_at - start > OLD)
    if doubt:
        start = received_at
    end = None
    if not fires:
        end = ended_at or received_at
        if end - received_at > AHEAD or received_at - end > OLD:
            end = received_at
        end = max(end, start) if started_at is not None and not doubt else end
    return Said(fires, start, doubt or started_at is None, end)


def decide(message: Said, known: Known, received_at: datetime) -> Does:
    """What the message does. A start that nobody said, or that is in doubt, is that of what is open."""
    if message.fires:
        return _fires(message, known, received_at)
    if known.open_since is None:
        return Does.NOTHING if known.ended_at is not None else Does.KEPT_ENDED
    if known.ended_at is not None and not message.doubt and message.start < known.open_since - SAME:
        return Does.NOTHING  # the end of an earlier one, repeated
    return Does.ENDS


def _fires(message: Said, known: Known, received_at: datetime) -> Does:
    if known.open_since is not None:
        if message.doubt or message.start <= known.open_since + SAME:
            stale = known.ended_at is not None and message.start < known.open_since - SAME
            return Does.LATE_PEER if stale else Does.REFRESHES
        return Does.RESTARTS
    if known.ended_at is None:
        return Does.OPENS
    return Does.REOPENS if received_at - known.ended_at > LATE else Does.LATE_PEER
