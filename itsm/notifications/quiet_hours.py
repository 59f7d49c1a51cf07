"""Hours in which no mail comes, and when what was collected leaves: local times of a person. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAILY_AT = time(8)


def ends_at(at: datetime, begin: time, end: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet that reigns at `at` ends, in UTC; None where none does. Equal times mean no quiet at all.

    An end that clocks show twice means the next of both; one that they never show means the jump.
    """
    local = at.astimezone(zone)
    shown = local.time()
    is_quiet = begin <= shown < end if begin < end else (shown >= begin or shown < end) if begin != end else False
    if not is_quiet:
        return None
    ends_tomorrow = begin > end and shown >= begin
    return _next_reading(local.date() + timedelta(days=ends_tomorrow), end, zone, at)


def next_collection(at: datetime, rhythm: str, zone: ZoneInfo) -> datetime:
    """When what is collected now leaves, in UTC: at the next full hour (`hourly`), or the next 08:00 (`daily`)."""
    local = at.astimezone(zone)
    if rhythm == "hourly":
        whole = at.replace(minute=0, second=0, microsecond=0)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return (at - past if local.utcoffset() else whole).astimezone(UTC) + timedelta(hours=1)
    today = _next_reading(local.date(), DAILY_AT, zone, at)
    return today if today > at else _next_reading(local.date() + timedelta(days=1), DAILY_AT, zone, at)


def _next_reading(day: date, shown: time, zone: ZoneInfo, after: datetime) -> datetime:
    first, second = (datetime.combine(day, shown, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:  # never shown
        return _jump(second, first, zone)
    return first if first > after else second


def _jump(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The minute after `begin`, up to `end`, at which the zone's offset changes."""
    old = begin.astimezone(zone).utcoffset()
    while begin < end and begin.astimezone(zone).utcoffset() == old:
        begin += timedelta(minutes=1)
    return begin
