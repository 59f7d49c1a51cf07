"""Calendar windows: weeks, months, quarters and years that begin at wall-clock times of a named zone.

Boundary k is the anchor plus k periods in local wall time (a month that is too short gives its last day),
then the instant of that wall time. Where clocks jump, wall time is resolved as PostgreSQL's AT TIME ZONE
does it: of the two offsets in question the smaller one, so the later instant. A time that does not exist
moves forward by the gap, of a time that comes twice it is the second. Days are never taken as 24 hours.
`slo/sql/slo_period.sql` answers the same inside the database; the tests hold the two against each other.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from slo.engine.samples import epoch_minute, instant_of

# A Monday and the first of January, so the default for every unit.
DEFAULT_ANCHOR = datetime(2024, 1, 1)  # noqa: DTZ001 - local time on purpose, the zone stands beside it


class Unit(StrEnum):
    """What a period is a number of."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS: dict[Unit, int] = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}

# The shortest period is a week (7 days), the longest a leap year (366 days).
MOST: dict[Unit, int] = {Unit.WEEK: 52, Unit.MONTH: 12, Unit.QUARTER: 4, Unit.YEAR: 1}


@dataclass(frozen=True, slots=True)
class Calendar:
    """`count` units at a time in an IANA zone, from a local date and time (None: 2024-01-01 00:00).

    ValueError for an unknown unit or zone, a period outside 7 to 366 days, or an anchor that is not a
    naive time on a whole minute.
    """

    unit: str
    count: int
    zone: str
    start: datetime | None = None

    def __post_init__(self) -> None:
        if self.unit not in MOST:
            raise ValueError("A period is counted in weeks, months, quarters or years.")
        if not 1 <= self.count <= MOST[Unit(self.unit)]:
            raise ValueError("A period lasts 7 to 366 days.")
        _zone(self.zone)
        if self.start is not None and self.start.tzinfo is not None:
            raise ValueError("A period begins at a local time; its zone is given beside it.")
        if self.anchor.second or self.anchor.microsecond:
            raise ValueError("A period begins on a whole minute.")

    @property
    def anchor(self) -> datetime:
        """The instant from which the windows are counted."""
        return self.start or DEFAULT_ANCHOR

    def boundary(self, number: int) -> int:
        """The minute since 1970 at which this period begins; 0 is the anchor's, earlier ones are negative."""
        return _instant(self._wall_time(number), _zone(self.zone))

    def number_near(self, minute: int) -> int:
        """The number of the period that holds this minute, or of one of its neighbours.

        Reckoned from the day before: clocks that go back across the end of a month would be two months off.
        """
        local = instant_of(minute).astimezone(_zone(self.zone)).replace(tzinfo=None) - timedelta(days=1)
        if self.unit == Unit.WEEK:
            return (local - self.anchor) // timedelta(weeks=self.count)
        months = (local.year - self.anchor.year) * 12 + local.month - self.anchor.month
        return months // (MONTHS[Unit(self.unit)] * self.count)

    def _wall_time(self, number: int) -> datetime:
        if self.unit == Unit.WEEK:
            return self.anchor + timedelta(weeks=number * self.count)
        months = number * self.count * MONTHS[Unit(self.unit)]
        years, month = divmod(self.anchor.month - 1 + months, 12)
        year = self.anchor.year + years
        day = min(self.anchor.day, monthrange(year, month + 1)[1])
        return self.anchor.replace(year=year, month=month + 1, day=day)


def period(calendar: Calendar, minute: int) -> tuple[int, int]:
    """(first, end) in minutes since 1970 of the period that holds the instant; at a boundary a fresh one begins."""
    number = calendar.number_near(minute)
    first = calendar.boundary(number)
    if first > minute:
        return calendar.boundary(number - 1), first
    end = calendar.boundary(number + 1)
    return (first, end) if minute < end else (end, calendar.boundary(number + 2))


def _instant(wall: datetime, zone: ZoneInfo) -> int:
    """The later of the instants in question; they differ only where a clock jumps."""
    offsets = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    offset = min(found for found in offsets if found is not None)
    return epoch_minute((wall - offset).replace(tzinfo=UTC))


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise ValueError("The time zone is not known: give an IANA name such as Europe/Berlin.")
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    """Places and UTC. Short names are left out: CET is a fixed offset to PostgreSQL, "localtime" the machine's own."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")
