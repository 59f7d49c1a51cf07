"""What a rota is made of. Instants have a zone; local times are minutes of a day or of a week, Monday first."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = 24 * 60
WEEK = 7 * DAY


class Unit(StrEnum):
    """Of the length of a turn."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


class Count(StrEnum):
    """Which turns move the rotation on: each one, or those of which the restrictions leave something."""

    CALENDAR = "calendar"
    COVERED = "covered"


class Source(StrEnum):
    """Why somebody (or nobody) is on duty."""

    LAYER = "layer"
    OVERRIDE = "override"
    SWAP = "swap"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of each week that a layer covers: minutes of the week, from the day it begins on over midnight, over
    Sunday too, to `end`. They differ."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One version of a layer. `line` is what all its versions share; a smaller `rank` lies further up.

    Turn k begins at the local time `handoff` (minutes of the day) of `anchor`, k lengths later. `slots`: who takes
    turns; an empty one is nobody's turn. `since`, `until`: when this version holds; None is open.
    """

    line: int
    rank: int
    zone: ZoneInfo
    unit: Unit
    length: int
    anchor: date
    handoff: int
    slots: tuple[tuple[int, ...], ...]
    count: Count = Count.CALENDAR
    stretches: tuple[Stretch, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def minutes(self) -> int:
        """Length of a turn by the clock on the wall."""
        return self.length * {Unit.HOURS: 60, Unit.DAYS: DAY, Unit.WEEKS: WEEK}[self.unit]

    @property
    def drifts(self) -> bool:
        """Turns of hours that do not divide a day pass by elapsed time, and so through the day."""
        return self.unit is Unit.HOURS and 24 % self.length != 0


@dataclass(frozen=True, slots=True)
class Override:
    """`people` have it from start to end, whatever else is said; none: nobody, on purpose. A larger `id` is newer."""

    id: int
    start: datetime
    end: datetime
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """In a turn of a line `out` gives it to `into`, all of it or from `start` to `end`. A larger `id` lies on top."""

    id: int
    line: int
    turn: int
    out: int
    into: int
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is not there; `end` None: they left, and no override brings them back."""

    person: int
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rota:
    """A schedule as the engine takes it."""

    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    away: tuple[Away, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """From start to end these people are on duty. `line`, `turn`: of the layer that says so; `by`: id of the override
    or of the topmost swap."""

    start: datetime
    end: datetime
    people: tuple[int, ...]
    source: Source
    line: int | None = None
    turn: int | None = None
    by: int | None = None
