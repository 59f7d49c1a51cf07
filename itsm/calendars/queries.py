"""Reads of calendars: with their newest version, and as a picture of a month."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from django.db.models import F, Prefetch, QuerySet
from django.utils.dates import WEEKDAYS_ABBR

from itsm.clocks.hours import Hours
from itsm.clocks.hours_format import WEEKDAYS, written
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


class Run(NamedTuple):
    """Weekdays that follow each other with the same spans; `last` is "" for one alone."""

    first: str
    last: str
    spans: list[str]


def runs_of(week: Mapping[str, list[str]]) -> list[Run]:
    """A week as people say it: Mon to Fri 08:00-18:00. Closed days are left out."""
    runs: list[Run] = []
    for spans, days in groupby(enumerate(WEEKDAYS), key=lambda day: tuple(week.get(day[1], ()))):
        numbers = [number for number, _name in days]
        if spans:
            first, last = (str(WEEKDAYS_ABBR[number]) for number in (numbers[0], numbers[-1]))
            runs.append(Run(first, last if len(numbers) > 1 else "", list(spans)))
    return runs


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
