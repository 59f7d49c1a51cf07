"""Reads of calendars: with their newest version, and as a picture of a month."""

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Prefetch, QuerySet

from itsm.clocks.hours import Hours
from itsm.clocks.hours_format import written
from itsm.clocks.models import Calendar, CalendarVersion


def calendars() -> QuerySet[Calendar]:
    """All of them; `newest` of each holds its newest version. Two queries."""
    newest = CalendarVersion.objects.filter(number=F("calendar__number")).order_by()
    return Calendar.objects.prefetch_related(Prefetch("versions", newest, to_attr="newest"))


def newest_version(calendar: Calendar) -> CalendarVersion:
    """What it says now. No query for one of `calendars()`."""
    held: list[CalendarVersion] = getattr(calendar, "newest", [])
    version = held[0] if held and held[0].number == calendar.number else calendar.versions.get(number=calendar.number)
    version.calendar = calendar
    return version


@dataclass(frozen=True, slots=True)
class Square:
    """A date of the picture. `look`: open, off, holiday, short; `hours` counted, in seconds."""

    day: date
    spans: list[str]
    name: str
    look: str
    seconds: int
    in_month: bool


def month_picture(hours: Hours, year: int, month: int) -> list[list[Square]]:
    """The weeks of a month, Monday first, each date with its spans."""
    weeks = months.Calendar().monthdatescalendar(year, month)
    return [[_square(hours, day, day.month == month) for day in week] for week in weeks]


def _square(hours: Hours, day: date, in_month: bool) -> Square:
    spans, replaced = hours.spans_on(day), hours.days.get(day)
    look = "open" if spans else "off"
    if replaced is not None:
        look = "short" if spans else "holiday"
    seconds = sum(end - begin for begin, end in hours.open_on(day))
    return Square(day, written(spans), replaced.name if replaced else "", look, seconds, in_month)


def open_spans(hours: Hours, begin: datetime, end: datetime) -> list[dict[str, datetime]]:
    """When it is open between two instants."""
    return [{"begin": first, "end": last} for first, last in hours.opened(begin, end)]
