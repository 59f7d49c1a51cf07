"""When a rule's windows begin and end. Pure: no clock, no database, and no farther than it is asked.

Wall-clock time is what is meant: a start that does not exist moves forward by the gap, an ambiguous one is the first.
A window lasts its elapsed duration: two hours are two hours of real time on the night the clocks change.

Ours and not a library's: the well-kept ones walk to the year 9999 in search of a 30th of February, and have no word for
a start within a gap. One of them checks ours in the tests.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from changes.calendar.rules.recurrence_rule import Rule

_DAY = timedelta(days=1)


class Period(NamedTuple):
    """[starts_at, ends_at), in UTC."""

    starts_at: datetime
    ends_at: datetime


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a local time without zone: the first of two; in a gap, moved forward by the gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def periods(
    rule: Rule, zone: ZoneInfo, first: datetime, lasts: timedelta, until: datetime, most: int
) -> tuple[Period, ...]:
    """Every window that starts from the local time `first` on and before the instant `until`, at most so many.

    `first` counts as one only where the rule says so.
    """
    latest = until.astimezone(zone).replace(tzinfo=None) + _DAY  # clocks that go back: farther, then cut
    found = (instant(local, zone) for local in local_starts(rule, first, latest))
    kept = (start for start in found if start < until and _still_meant(rule, start))
    return tuple(Period(start, start + lasts) for start in islice(kept, most))


def _still_meant(rule: Rule, start: datetime) -> bool:
    """UNTIL with a zone is an instant; without one it has ended the walk already."""
    return rule.until is None or rule.until.tzinfo is None or start <= rule.until


def local_starts(rule: Rule, first: datetime, latest: datetime) -> Iterator[datetime]:
    """The local times of a rule, in order, from `first` to `latest`; both without zone."""
    if rule.until is not None and rule.until.tzinfo is None:
        latest = min(latest, rule.until)
    given = 0
    for days in _spans(rule, first, latest):
        for start in _picked(rule, [datetime.combine(day, clock) for day in days for clock in _clocks(rule, first)]):
            if start < first:
                continue
            if start > latest or given == rule.count:
                return
            given += 1
            yield start


def _clocks(rule: Rule, first: datetime) -> list[time]:
    hours, minutes = rule.hours or (first.hour,), rule.minutes or (first.minute,)
    return [time(hour, minute, first.second) for hour in hours for minute in minutes]


def _picked(rule: Rule, starts: list[datetime]) -> list[datetime]:
    """Of one span's times those that BYSETPOS means, in order."""
    if not rule.positions:
        return starts
    places = {each - 1 if each > 0 else len(starts) + each for each in rule.positions}
    return [starts[place] for place in sorted(places) if 0 <= place < len(starts)]


def _spans(rule: Rule, first: datetime, latest: datetime) -> Iterator[list[date]]:
    """The days that are meant, for one span (day, week, month, year) after the other."""
    ends, step = latest.date(), rule.interval
    if rule.frequency in ("DAILY", "WEEKLY"):
        is_week = rule.frequency == "WEEKLY"
        begin = first.date() - _DAY * ((first.weekday() - rule.week_start) % 7) if is_week else first.date()
        while begin <= ends:
            week = [begin + _DAY * number for number in range(7 if is_week else 1)]
            yield [day for day in week if _in_months(rule, day) and _on_weekday(rule, day, first)]
            begin += _DAY * step * (7 if is_week else 1)
        return
    months = 1 if rule.frequency == "MONTHLY" else 12
    number = first.year * 12 + (first.month - 1 if months == 1 else 0)
    while date(number // 12, number % 12 + 1, 1) <= ends:
        yield _of_month(rule, number, first) if months == 1 else _of_year(rule, number, first)
        number += step * months


def _in_months(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _on_weekday(rule: Rule, day: date, first: datetime) -> bool:
    """Within days and weeks."""
    if rule.weekdays:
        if day.weekday() not in {weekday for _which, weekday in rule.weekdays}:
            return False
    elif rule.frequency == "WEEKLY" and day.weekday() != first.weekday():
        return False
    return _on_month_day(rule, day)


def _on_month_day(rule: Rule, day: date) -> bool:
    return not rule.month_days or bool({day.day, day.day - _days_in(day) - 1} & set(rule.month_days))


def _days_in(day: date) -> int:
    return (date(day.year + day.month // 12, day.month % 12 + 1, 1) - _DAY).day


def _of_month(rule: Rule, number: int, first: datetime) -> list[date]:
    begin = date(number // 12, number % 12 + 1, 1)
    if not _in_months(rule, begin):
        return []
    return _within(rule, begin, _days_in(begin), lambda day: day.day == first.day)


def _of_year(rule: Rule, number: int, first: datetime) -> list[date]:
    """By its months, where any are named; else weekdays are counted over the whole year."""
    if rule.months:
        return [day for month in rule.months for day in _of_month(rule, number + month - 1, first)]
    begin = date(number // 12, 1, 1)
    length = (date(begin.year + 1, 1, 1) - begin).days
    return _within(rule, begin, length, lambda day: (day.month, day.day) == (first.month, first.day))


def _within(rule: Rule, begin: date, length: int, as_first: Callable[[date], bool]) -> list[date]:
    """The days of a month or a year; where no part names days, the one that stands there as the first does."""
    days = [begin + _DAY * number for number in range(length)]
    if not rule.month_days and not rule.weekdays:
        return [day for day in days if as_first(day)]
    return [day for day in days if _on_month_day(rule, day) and _is_nth(rule, day, begin, length)]


def _is_nth(rule: Rule, day: date, begin: date, length: int) -> bool:
    """Whether BYDAY means it: every such weekday, or the n-th of the span from its beginning or its end."""
    before = (day - begin).days
    counted = {0, before // 7 + 1, -((length - before - 1) // 7 + 1)}
    return not rule.weekdays or any(weekday == day.weekday() and which in counted for which, weekday in rule.weekdays)
