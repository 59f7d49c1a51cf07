"""The words for an error budget's condition, and which of them takes precedence.

A *level* is what the numbers say (with hysteresis). A *flag* is a condition beside the level.
A *state* is the one word that people and the gate read: the flag that takes precedence, else the level.
Source: ITIL 4 vocabulary for authority, SRE Workbook chapter 5 for burn, our gate design for the order.
"""

from collections.abc import Collection
from enum import StrEnum


class Level(StrEnum):
    """How much headroom is left, from the kindest to the strictest."""

    HEALTHY = "healthy"
    WATCH = "watch"
    CONSTRAINED = "constrained"
    EXHAUSTED = "exhausted"


class Flag(StrEnum):
    """A condition beside the level; any number of them may be up at once."""

    BURNING_FAST = "burning_fast"  # a page row of the burn alerts fires
    BURNING_SLOW = "burning_slow"  # a ticket row fires; counts as at least `watch`
    NOT_YET_MEASURED = "not_yet_measured"  # new: it reports, and does not gate before it has an hour of measurements
    NO_DATA = "no_data"  # the newest closed minute is older than ten minutes
    LOW_CONFIDENCE = "low_confidence"  # coverage below 0.9, or fewer than ten allowed failures
    NO_TRAFFIC = "no_traffic"  # the source is alive and saw no events in the window


class State(StrEnum):
    """The one word for a budget, in the order in which the policy table lists them."""

    HEALTHY = "healthy"
    WATCH = "watch"
    CONSTRAINED = "constrained"
    RECOVERING = "recovering"
    EXHAUSTED = "exhausted"
    LOW_CONFIDENCE = "low_confidence"
    UNMEASURED = "unmeasured"
    NOT_YET_MEASURED = "not_yet_measured"
    NO_DATA = "no_data"
    BURNING_FAST = "burning_fast"


# The one order of gravity, as somebody who looks for trouble wants to read it.
WORST_FIRST = (
    State.BURNING_FAST,
    State.EXHAUSTED,
    State.NO_DATA,
    State.CONSTRAINED,
    State.RECOVERING,
    State.WATCH,
    State.LOW_CONFIDENCE,
    State.UNMEASURED,
    State.HEALTHY,
    State.NOT_YET_MEASURED,
)
# Measurements that a new objective needs before it decides about changes; or it says from when on it does.
FIRST_MINUTES = 60
LEVELS = tuple(Level)


def worst(states: Collection[State]) -> State:
    """The gravest of these; unmeasured where there are none."""
    return min(states, key=WORST_FIRST.index, default=State.UNMEASURED)


def stricter(one: Level, other: Level) -> Level:
    """The worse one of two levels."""
    return max(one, other, key=LEVELS.index)


def state_of(level: Level, flags: Collection[Flag], *, recovering: bool = False) -> State:
    """The state of one objective: burning_fast, not_yet_measured, no_data, low_confidence, then the level."""
    for flag, state in (
        (Flag.BURNING_FAST, State.BURNING_FAST),
        (Flag.NOT_YET_MEASURED, State.NOT_YET_MEASURED),
        (Flag.NO_DATA, State.NO_DATA),
        (Flag.LOW_CONFIDENCE, State.LOW_CONFIDENCE),
    ):
        if flag in flags:
            return state
    if Flag.BURNING_SLOW in flags:
        level = stricter(level, Level.WATCH)
    if level is Level.EXHAUSTED and recovering:
        return State.RECOVERING
    return State(level.value)
