"""What time on call weighs, and how evenly it lies on people. Pure; nights and weekends are of one's own zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from itsm.clocks.local_time import seconds_of
from itsm.oncall.engine.turns import instant

NIGHT_FROM, NIGHT_TO = 22 * 60, 7 * 60  # minutes of the day
NIGHT, WEEKEND = Fraction(2), Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds on call: of nights (22 to 7), of weekend days, and the rest. A weekend's night is a night."""

    plain: int = 0
    night: int = 0
    weekend: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.plain + other.plain, self.night + other.night, self.weekend + other.weekend)

    @property
    def seconds(self) -> int:
        """All of it."""
        return self.plain + self.night + self.weekend

    @property
    def weighted(self) -> Fraction:
        """A night counts twice, a weekend day one and a half times."""
        return self.plain + NIGHT * self.night + WEEKEND * self.weekend


def load_of(start: datetime, end: datetime, zone: ZoneInfo) -> Load:
    """The load of being on call from start to end."""
    begin, stop = seconds_of(start), seconds_of(end)
    day, load = start.astimezone(zone).date() - timedelta(days=1), Load()
    while instant(day, 0, zone) < stop:
        for first, last, kind in _parts(day):
            lasts = min(instant(day, last, zone), stop) - max(instant(day, first, zone), begin)
            load += Load(**{kind: max(lasts, 0)})
        day += timedelta(days=1)
    return load


def _parts(day: date) -> tuple[tuple[int, int, str], ...]:
    between = "weekend" if day.weekday() >= 5 else "plain"
    return (0, NIGHT_TO, "night"), (NIGHT_TO, NIGHT_FROM, between), (NIGHT_FROM, 24 * 60, "night")


def night_of(at: datetime, zone: ZoneInfo) -> date | None:
    """The evening's date of the night that an instant lies in; None by day."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if minute >= NIGHT_FROM:
        return local.date()
    return local.date() - timedelta(days=1) if minute < NIGHT_TO else None


def jain(shares: Sequence[Fraction]) -> Fraction | None:
    """Jain's index: 1 where all carry the same, 1/n where one carries everything; None where there is nothing."""
    squares = sum(one * one for one in shares)
    return Fraction(sum(shares)) ** 2 / (len(shares) * squares) if squares else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share does not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(-(-int(len(ordered) * share * 1000) // 1000) - 1, 0)] if ordered else None
