"""Instants of local times, where clocks jump too. Pure; instants are whole seconds since 1970 UTC.

A local time is read once on most days, twice where clocks go back, and never where they go forward: what is never
read means the jump.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(seconds=1)


def seconds_of(instant: datetime) -> int:
    """Whole seconds since 1970 UTC, rounded down. The instant has a zone."""
    return (instant - _EPOCH) // _ONE


def instant_of(seconds: int) -> datetime:
    """The instant, in UTC, of seconds since 1970."""
    return _EPOCH + timedelta(seconds=seconds)


def first_reading(day: date, minute: int, zone: ZoneInfo) -> int:
    """When the zone's clocks first show this minute (0 to 1440) of the local day; the jump where they never do."""
    return _readings(day, minute, zone)[0]


def last_reading(day: date, minute: int, zone: ZoneInfo) -> int:
    """When they last show it. 24:00 is the end of the day, which is the first reading of the next one."""
    return _readings(day, minute, zone)[1 if minute < 24 * 60 else 0]


def _readings(day: date, minute: int, zone: ZoneInfo) -> tuple[int, int]:
    naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - local on purpose
    before = seconds_of(naive.replace(tzinfo=zone, fold=0))
    after = seconds_of(naive.replace(tzinfo=zone, fold=1))
    if before <= after:  # read once, or twice
        return before, after
    jump = _jump(after, before, zone)
    return jump, jump


def _jump(begin: int, end: int, zone: ZoneInfo) -> int:
    """The first second in (begin, end] whose offset is not that of `begin`; there is one."""
    old = instant_of(begin).astimezone(zone).utcoffset()
    while end - begin > 1:
        middle = (begin + end) // 2
        if instant_of(middle).astimezone(zone).utcoffset() == old:
            begin = middle
        else:
            end = middle
    return end


def local_day(seconds: int, zone: ZoneInfo) -> date:
    """The local date at this instant."""
    return instant_of(seconds).astimezone(zone).date()
