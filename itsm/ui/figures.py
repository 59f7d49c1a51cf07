"""Figures as people read them: shares as percents, instants as "12 min ago", bars of what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_UNITS = ((60, 60, "min"), (3600, 48, "h"), (86_400, 45, "d"))

AMBER_BELOW = Decimal("0.5")
RED_FROM = Decimal(0)


def percent(value: Decimal | float | int | str | None, places: int = 1) -> str:
    """0.0314 as "3.1 %", rounded down: a budget never looks better than it is. None as a dash."""
    if value is None or value == "":
        return "\N{EN DASH}"
    share = Decimal(str(value)) * 100
    if not share.is_finite():
        return "\N{EN DASH}"
    shown = share.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
    return f"{shown:,f}".replace("-", _MINUS).replace(",", _THIN_SPACE) + f"{_THIN_SPACE}%"


def plain_number(value: Decimal | float | int | None, places: int = 1) -> str:
    """A factor such as a burn rate: 14.4, 0.3, 1 020.0."""
    if value is None:
        return "\N{EN DASH}"
    return f"{Decimal(str(value)):,.{places}f}".replace("-", _MINUS).replace(",", _THIN_SPACE)


def ago(instant: datetime, now: datetime | None = None) -> str:
    """How far away, in one unit; after six weeks the date. js/times.js says it in the same words."""
    seconds = int(((now or timezone.now()) - instant).total_seconds())
    distance = abs(seconds)
    if distance < 60:
        return _("just now") if seconds >= 0 else _("in a moment")
    for size, most, unit in _UNITS:
        if distance < size * most:
            length = f"{distance // size}{_THIN_SPACE}{unit}"
            return _("%(length)s ago") % {"length": length} if seconds >= 0 else _("in %(length)s") % {"length": length}
    return date_format(_local(instant), "j M Y")


def left(instant: datetime, now: datetime | None = None) -> str:
    """Time until then, negative once it is over: 0:34, −0:12, 26:05; from two days on in days."""
    seconds = int((instant - (now or timezone.now())).total_seconds())
    sign, distance = _MINUS if seconds < 0 else "", abs(seconds)
    if distance >= 48 * 3600:
        return f"{sign}{distance // 86400}{_THIN_SPACE}d"
    return f"{sign}{distance // 3600}:{distance // 60 % 60:02}"


def age(instant: datetime, now: datetime | None = None) -> str:
    """How long ago in one unit: 12 min, 3 h, 40 d."""
    distance = max(0, int(((now or timezone.now()) - instant).total_seconds()))
    size, unit = next(((size, unit) for size, most, unit in _UNITS if distance < size * most), (86400, "d"))
    return f"{distance // size}{_THIN_SPACE}{unit}"


def exact(instant: datetime) -> str:
    """The instant in the reader's own zone, with the zone's name."""
    local = _local(instant)
    return f"{_day(local.date(), get_language())}, {local:%H:%M:%S} {local.tzname()}"


@lru_cache(maxsize=4096)
def _day(day: date, _language: str | None) -> str:
    """Kept: a list says a hundred instants, of a few days."""
    return date_format(day, "j M Y")


def _local(instant: datetime) -> datetime:
    """In the reader's own zone; of what is said to last for ever, whose day has no date there, in UTC."""
    try:
        return timezone.localtime(instant)
    except OverflowError:
        return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is left of a budget, in hundredths of the bar's length, drawn without any style attribute."""

    number: str
    held_number: str
    left: float
    held_from: float
    held: float
    over: float
    limits: tuple[float, ...]
    tone: str


def bar(remaining: Decimal, reserved: Decimal = Decimal(0), limits: Sequence[Decimal] = ()) -> Bar:
    """Length is what remains; its hatched end is held by changes in flight; below zero it is overdrawn."""
    headroom = remaining - reserved
    left = _length(remaining)
    free = _length(headroom)
    return Bar(
        number=percent(remaining),
        held_number=percent(reserved) if reserved else "",
        left=left,
        held_from=free,
        held=max(0.0, left - free),
        over=_length(-remaining),
        limits=tuple(_length(limit) for limit in limits),
        tone="red" if headroom <= RED_FROM else "amber" if headroom <= AMBER_BELOW else "green",
    )


def _length(share: Decimal) -> float:
    return round(float(min(max(share, Decimal(0)), Decimal(1))) * 100, 2)


def sparkline(values: Sequence[float | Decimal]) -> str:
    """Points of a polyline in a 100 by 24 box, the largest value on top (at least the whole: 1).

    What lies between two equal neighbours on a flat stretch is left out: the line is the same without it.
    """
    numbers = [float(value) for value in values]
    if len(numbers) < 2:
        return ""
    low, high = min(0.0, *numbers), max(1.0, *numbers)
    across = 100 / (len(numbers) - 1)
    heights = [_short(23 - 22 * (number - low) / (high - low)) for number in numbers]
    bends = [i for i, height in enumerate(heights) if not heights[i - 1 : i] == [height] == heights[i + 1 : i + 2]]
    return " ".join(f"{_short(i * across)},{heights[i]}" for i in bends)


def _short(number: float) -> str:
    """With one place, or none where it is whole: 6.2, 100."""
    return f"{number:.1f}".removesuffix(".0")


def hours_and_minutes(minutes: int) -> str:
    """1 h 35 min; 2 h; 5 min."""
    hours, rest = divmod(minutes, 60)
    said = {"hours": hours, "rest": rest}
    if not hours:
        return _("%(rest)d min") % said
    return _("%(hours)d h %(rest)d min") % said if rest else _("%(hours)d h") % said
