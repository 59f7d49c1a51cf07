"""A schedule of another system as it was read: people by e-mail, nothing written yet."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from itsm.oncall.formats.hours import Hours

DAYS = 7


class Unreadable(ValueError):
    """The document is not what it says; the sentence names where."""


@dataclass(frozen=True, slots=True)
class ReadLayer:
    """As a layer here; `slots`: e-mails, an empty one is nobody's turn."""

    name: str
    zone: str
    unit: str
    length: int
    anchor: date
    handoff: time
    slots: tuple[tuple[str, ...], ...]
    hours: tuple[Hours, ...] = ()
    count: str = "calendar"


@dataclass(frozen=True, slots=True)
class ReadOverride:
    """`key`: what it is called there."""

    key: str
    start: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(slots=True)
class ReadSchedule:
    """`layers`: the topmost first. `rendering`: who has it when, by the source itself: (start, end, e-mails);
    `remarks`: what is not taken over, or otherwise, in words."""

    key: str
    name: str
    zone: str
    team: str = ""
    layers: list[ReadLayer] = field(default_factory=list)
    overrides: list[ReadOverride] = field(default_factory=list)
    rendering: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def instant(text: Any, where: str, zone: str = "") -> datetime:
    """An ISO 8601 time with its offset, or without one a local time of `zone`. Raises Unreadable."""
    try:
        read = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as error:
        raise Unreadable(f"{where}: {str(text)[:40]!r} is no time.") from error
    if read.tzinfo is not None:
        return read
    if not zone:
        raise Unreadable(f"{where}: {text} has no offset.")
    return read.replace(tzinfo=known_zone(zone, where))


def known_zone(name: str, where: str) -> ZoneInfo:
    """Raises Unreadable."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Unreadable(f"{where}: there is no zone {name[:40]!r}.") from error


def span(day: int, begins: time, seconds: int) -> Hours:
    """From a local time of a weekday on for so long, at most a week less a minute. Whole minutes."""
    start = day * 1440 + begins.hour * 60 + begins.minute
    end = (start + min(seconds // 60, 7 * 1440 - 1)) % (7 * 1440)
    return day, begins.replace(second=0, microsecond=0), end // 1440, time(end % 1440 // 60, end % 60)


def every_day(begins: time, seconds: int) -> tuple[Hours, ...]:
    """The same each day; a whole day is no restriction."""
    return () if seconds >= 86_400 else tuple(span(day, begins, seconds) for day in range(DAYS))


def unwrapped(document: Any) -> Any:
    """A file of answers as the source's API gives them, page by page, as a file of what they hold.

    Grafana OnCall answers {"count", "next", "results"}, Opsgenie {"data", "took", "requestId"}, PagerDuty {"users",
    "limit", "offset", "more"}: whoever saves answers need not take them apart. Anything else stays as it is.
    """
    if not isinstance(document, dict):
        return document
    return {name: _plain(name, value) for name, value in document.items()}


def _plain(name: str, value: Any) -> Any:
    inner = _held(name, value)
    if inner is not value:
        return inner
    if isinstance(value, list):  # several pages, one after the other
        pages = [_held(name, one) for one in value]
        if value and all(isinstance(page, list) for page in pages):
            return [one for page in pages for one in page]
        return value
    if isinstance(value, dict):  # by the id of a schedule
        return {key: _plain(name, one) for key, one in value.items()}
    return value


def _held(name: str, value: Any) -> Any:
    """What an answer holds; the value itself where it is no answer."""
    if isinstance(value, dict):
        for key, others in (("results", {"count", "next"}), ("data", {"took", "requestId"}), (name, {"limit", "more"})):
            if key in value and others & value.keys():
                return value[key]
    return value


def listed(document: Any, name: str, where: str) -> list[dict[str, Any]]:
    """The list of objects of this name; absent: empty. Raises Unreadable."""
    found = document.get(name, []) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"{where}: {name} is a list of objects.")
    return found


def whole(document: dict[str, Any], name: str, where: str, otherwise: int | None = None) -> int:
    """A whole number from 0 to ten million. Raises Unreadable."""
    found = document.get(name, otherwise)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= 10_000_000:
        raise Unreadable(f"{where}: {name} is a whole number.")
    return found


def turn_of(seconds: int, where: str) -> tuple[str, int]:
    """Unit and length of a turn: whole days are days, whole hours hours. Raises Unreadable."""
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds > 0 and seconds % size == 0 and seconds // size <= 366:
            return unit, seconds // size
    raise Unreadable(f"{where}: a turn of {seconds} seconds is neither whole days nor whole hours.")


def is_over(text: Any, now: datetime, where: str, zone: str = "") -> bool:
    """Whether an end that is said has passed; nothing said is open."""
    return bool(text) and instant(text, where, zone) <= now


def next_start(start: datetime, period: timedelta, since: datetime) -> datetime:
    """The first of start, start + period, ... (local times) that is not before `since`."""
    local = since.astimezone(start.tzinfo).replace(tzinfo=None)
    naive = start.replace(tzinfo=None)
    return (naive + max(-((naive - local) // period), 0) * period).replace(tzinfo=start.tzinfo)
