"""Opening hours as they are written: `{"mon": ["09:00-17:00"]}` and `[{"date": "2026-12-24", "spans": [...]}]`.

Reading refuses what is no time of day, with every fault at once, each under the name of its place.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext

from itsm.clocks.hours import DAY, Day, Hours, Span, overlap
from itsm.kernel.errors import InvalidInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SPANS = 12
MAX_DAYS = 1_000
MAX_NAME = 80
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
Faults = dict[str, list[str]]


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Every zone that is known here."""
    return frozenset(available_timezones())


def zone_called(name: str) -> ZoneInfo:
    """InvalidInput where there is no such zone."""
    if name not in zones():
        sentence = gettext("There is no zone %(name)s; write one such as Europe/Berlin.") % {"name": name[:40]}
        raise InvalidInput.about("zone", sentence)
    return ZoneInfo(name)


def clock_time(minute: int) -> str:
    """540 is 09:00, 1440 is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def written(spans: Sequence[Span]) -> list[str]:
    """As they are stored and answered, in order."""
    return [f"{clock_time(one.begin)}-{clock_time(one.end)}" for one in sorted(spans)]


def week_written(hours: Hours) -> dict[str, list[str]]:
    """Every weekday, empty ones too."""
    return {name: written(spans) for name, spans in zip(WEEKDAYS, hours.week, strict=True)}


def days_written(hours: Hours) -> list[dict[str, Any]]:
    """The replaced dates, in order."""
    return [
        {"date": day.isoformat(), "name": known.name, "spans": written(known.spans), "origin": known.origin}
        for day, known in sorted(hours.days.items())
    ]


def read(zone: str, week: Mapping[str, Any], days: Sequence[Mapping[str, Any]]) -> Hours:
    """Hours as somebody wrote them. InvalidInput with every fault: an unknown zone, 25:00, overlaps, no span at all."""
    faults: Faults = {}
    found = Hours(_zone(zone, faults), _week(week, faults), _days(days, faults))
    if not faults and not any(found.week) and not any(day.spans for day in found.days.values()):
        faults["week"] = [gettext("A calendar without any opening hours would never count anything.")]
    if faults:
        sentences = list(dict.fromkeys(sentence for said in faults.values() for sentence in said))
        raise InvalidInput(" ".join(sentences[:5]), faults)
    return found


def _zone(name: str, faults: Faults) -> ZoneInfo:
    try:
        return zone_called(name)
    except InvalidInput as error:
        faults.update(error.errors)
        return ZoneInfo("UTC")


def _week(week: Mapping[str, Any], faults: Faults) -> tuple[tuple[Span, ...], ...]:
    for name in sorted(set(week) - set(WEEKDAYS)):
        known = {"name": str(name)[:20], "known": ", ".join(WEEKDAYS)}
        faults[f"week.{str(name)[:20]}"] = [gettext("%(name)s is no weekday; known are %(known)s.") % known]
    return tuple(spans_of(week.get(name, ()), f"week.{name}", faults) for name in WEEKDAYS)


def _days(days: Sequence[Mapping[str, Any]], faults: Faults) -> dict[date, Day]:
    if len(days) > MAX_DAYS:
        faults["days"] = [gettext("At most %(most)d dates.") % {"most": MAX_DAYS}]
        return {}
    found: dict[date, Day] = {}
    for place, one in enumerate(days):
        path = f"days.{place}"
        day = _date(str(one.get("date", "")), path, faults)
        spans = spans_of(one.get("spans", ()), path, faults)
        if day is None:
            continue
        if day in found:
            faults[path] = [gettext("%(date)s is given twice.") % {"date": day.isoformat()}]
        name, origin = str(one.get("name", "")).strip()[:MAX_NAME], str(one.get("origin") or "person")[:40]
        found[day] = Day(spans, name, origin)
    return found


def _date(text: str, path: str, faults: Faults) -> date | None:
    try:
        if _DATE.fullmatch(text) and 1970 <= int(text[:4]) <= 2200:
            return date.fromisoformat(text)
    except ValueError:
        pass
    faults[path] = [gettext("%(text)s is no date of these times; write one such as 2026-12-24.") % {"text": text[:20]}]
    return None


def spans_of(texts: Any, path: str, faults: Faults) -> tuple[Span, ...]:
    """Spans as they are written, in order; what is wrong goes to `faults`."""
    if not isinstance(texts, Sequence) or isinstance(texts, str) or len(texts) > MAX_SPANS:
        faults[path] = [gettext("Give a list of at most %(most)d spans such as 09:00-17:00.") % {"most": MAX_SPANS}]
        return ()
    found = []
    for text in texts:
        read_one = _span(text)
        if isinstance(read_one, str):
            faults.setdefault(path, []).append(read_one)
        else:
            found.append(read_one)
    if both := overlap(tuple(found)):
        one, other = written(both)
        faults.setdefault(path, []).append(gettext("%(one)s and %(other)s overlap.") % {"one": one, "other": other})
    return tuple(sorted(found))


def _span(text: Any) -> Span | str:
    """The span, or a sentence that says what is wrong."""
    matched = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    words = {"text": str(text)[:20]}
    if matched is None:
        return gettext("%(text)s is no span; write one such as 09:00-17:00.") % words
    hours_1, minutes_1, hours_2, minutes_2 = map(int, matched.groups())
    begin, end = hours_1 * 60 + minutes_1, hours_2 * 60 + minutes_2
    if max(minutes_1, minutes_2) > 59 or max(begin, end) > DAY:
        return gettext("%(text)s has a time that no clock shows; a day ends at 24:00.") % words
    if begin >= end:
        return gettext("%(text)s ends before it begins; over midnight write two: to 24:00, and from 00:00.") % words
    return Span(begin, end)
