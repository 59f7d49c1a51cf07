"""The course of an escalation: which step follows which, and when a step may page. Plain Python.

A run begins with a round and goes through `repeats` + 1 rounds of all steps; after them comes the last resort. Rounds
count on over runs, so that (round, step) names a step of one escalation once and for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LEAST_WAIT, MOST_WAIT = timedelta(minutes=1), timedelta(hours=24)
LAST_RESORT_EVERY = timedelta(minutes=15)
LAPSES_AFTER = {"high": timedelta(minutes=30), "low": timedelta(hours=2)}
MOST_REPEATS = 9
LAST_RESORT = 0  # the number of its step


@dataclass(frozen=True, slots=True)
class Place:
    """Where an escalation stands: a round, and a step from 1."""

    round: int
    step: int


def after(place: Place, *, steps: int, repeats: int, run_from: int) -> Place | None:
    """The next place; None where the rounds of this run are over. `run_from`: the run's first round."""
    if place.step < steps:
        return Place(place.round, place.step + 1)
    if steps and place.round - run_from < repeats:
        return Place(place.round + 1, 1)
    return None


def is_between(at: datetime, begin: time | None, end: time | None, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone show a time of [begin, end); over midnight where `end` comes first.

    Without both, always; equal times mean the whole day.
    """
    if begin is None or end is None or begin == end:
        return True
    shown = at.astimezone(zone).time().replace(tzinfo=None)
    return begin <= shown < end if begin < end else shown >= begin or shown < end


def as_time(text: str | None) -> time | None:
    """A time of a snapshot."""
    return time.fromisoformat(text) if text else None


def waits(steps: Sequence[Mapping[str, Any]]) -> timedelta:
    """How long one round takes where every step pages."""
    return sum((timedelta(seconds=int(one["wait"])) for one in steps), timedelta())
