"""The events of an ICS file, one by one: what each says of its time, or a code that says why it will not do.

Run as a program, in a process of its own with limits, since strangers wrote the file: text in, JSON out. Nothing is
expanded here: a rule is passed on as it stands, and our own engine reads it.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from itsm.kernel.texts import one_line

MOST_EVENTS = 1_000
MAX_NAME = 120
MAX_UID = 1_000
MEMORY = 1 << 30
CPU_SECONDS = 10
DEEPEST = 4  # a calendar, an event, an alarm, and one to spare
_NO_EVENTS = ("VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY")
_BEYOND = ("RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")


def events_in(text: str) -> dict[str, list[dict[str, str]]]:
    """`events` with uid, name, starts, ends, zone, rrule; `refused` with name and why. ValueError: it is no calendar.

    Never neither: what holds no event is refused too, by what it is.

    Instants are ISO text: with an offset of UTC, or as a clock shows them in `zone` (empty: the calendar's own), or a
    date for whole days.
    """
    found: dict[str, list[dict[str, str]]] = {"events": [], "refused": []}
    events, others = _parted(text)
    for number, event in enumerate(events):
        name = _said(event, "SUMMARY")[:MAX_NAME] or "?"
        if number >= MOST_EVENTS:
            found["refused"].append({"name": name, "why": "too_many"})
            break
        try:
            why, read = _read(event)
        except (OverflowError, ValueError):  # beyond the years that there are
            why, read = "odd", {}
        if why:
            found["refused"].append({"name": name, "why": why})
        else:
            found["events"].append({"name": name, **read})
    found["refused"] += [{"name": kind, "why": "no_event"} for kind in others]
    if not events and not others:
        found["refused"].append({"name": "VCALENDAR", "why": "empty"})
    return found


def _parted(text: str) -> tuple[list[Any], list[str]]:
    """Its events, and what else stands in it, by kind. ValueError for no calendar, and for events within events."""
    calendars = Calendar.from_ical(text.removeprefix("\ufeff"), multiple=True)
    if not calendars:
        raise ValueError("no calendar")
    events: list[Any] = []
    others: set[str] = set()
    for part in _parts(calendars):
        if part.name == "VEVENT":
            events.append(part)
        elif part.name in _NO_EVENTS:
            others.add(part.name)
    return events, sorted(others)


def _parts(calendars: list[Any]) -> Iterator[Any]:
    """Each part of a file before what it holds; without recursion, which a bomb would exhaust."""
    waiting = [(one, 1, False) for one in reversed(calendars)]
    while waiting:
        part, depth, is_within = waiting.pop()
        is_event = part.name == "VEVENT"
        if depth > DEEPEST or (is_within and is_event):
            raise ValueError("nested")
        yield part
        waiting += [(one, depth + 1, is_within or is_event) for one in reversed(part.subcomponents)]


def _said(event: Any, name: str) -> str:
    """The text of a property on one line; the first where it is given more than once."""
    value = event.get(name, "")
    value = value[0] if isinstance(value, list) and value else value
    return one_line(str(value))


def _read(event: Any) -> tuple[str, dict[str, str]]:
    if getattr(event, "errors", None):
        return "odd", {}
    if _said(event, "STATUS").upper() == "CANCELLED":
        return "cancelled", {}
    if any(name in event for name in _BEYOND):
        return "exceptions", {}
    starts, ends = event.get("DTSTART"), event.get("DTEND")
    if starts is None or not hasattr(starts, "dt"):
        return "no_start" if starts is None else "odd", {}
    begin = starts.dt
    end, why = _end(event, begin, ends)
    if why:
        return why, {}
    if not isinstance(begin, date) or type(begin) is not type(end):
        return "odd", {}
    zone, why = _zone(starts, begin)
    other, why_not = _zone(ends, end) if ends is not None else (zone, "")
    if why or why_not:
        return why or why_not, {}
    if other != zone:
        if not (zone and other):
            return "odd", {}
        end = _shown_by(begin, end)
    rule = event.get("RRULE")
    if isinstance(rule, list):
        return "exceptions", {}
    uid = _said(event, "UID")[:MAX_UID]
    if not uid:
        return "no_uid", {}
    text = one_line(rule.to_ical().decode("ascii", "replace")) if rule is not None else ""
    return "", {"uid": uid, "starts": _iso(begin), "ends": _iso(end), "zone": zone, "rrule": text}


def _shown_by(begin: Any, end: Any) -> Any:
    """The same instant by the clocks of where it begins."""
    return end.astimezone(begin.tzinfo)


def _end(event: Any, begin: Any, ends: Any) -> tuple[Any, str]:
    """As RFC 5545: DTEND, or DURATION; a whole day without either lasts that day, an instant has no end."""
    if ends is not None:
        return (ends.dt, "") if hasattr(ends, "dt") else (None, "odd")
    lasts = event.get("DURATION")
    if lasts is not None:
        is_one = hasattr(lasts, "dt") and isinstance(lasts.dt, timedelta)
        return (begin + lasts.dt, "") if is_one else (None, "odd")
    if isinstance(begin, datetime) or not isinstance(begin, date):
        return None, "no_end"
    return begin + timedelta(days=1), ""


def _zone(value: Any, at: Any) -> tuple[str, str]:
    """The name of its zone: "UTC", one of the file's own words, or empty for whole days and bare clocks."""
    named = str(value.params.get("TZID", ""))[:64]
    if not isinstance(at, datetime):
        return "", ""
    if at.tzinfo is None:
        return ("", "no_zone") if named else ("", "")
    if not named:
        return "UTC", ""
    key = getattr(at.tzinfo, "key", "")
    return (key, "") if key == named else ("", "own_zone")


def _iso(at: Any) -> str:
    """Without its offset: `zone` says what it is meant by."""
    return at.replace(tzinfo=None).isoformat() if isinstance(at, datetime) else str(at.isoformat())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.write(json.dumps(events_in(sys.stdin.read())))
