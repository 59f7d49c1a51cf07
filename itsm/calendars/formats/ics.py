"""An ICS file read: whole days become dates, everything else is named and left out.

A DATE is no instant: 24 December is that date in whatever zone. Run as a program, in a process of its own with limits,
since strangers wrote the file: text in, JSON out.
"""

import json
import resource
import sys
from datetime import date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from itsm.kernel.texts import one_line

MAX_DATES = 1_000
MAX_NAME = 80
MEMORY = 1 << 30
CPU_SECONDS = 10


def whole_days(text: str, first: date, last: date) -> dict[str, list[dict[str, Any]]]:
    """`days`: each date that a whole-day event covers between `first` and `last`; `skipped`: names of other events.

    ValueError where it is no calendar.
    """
    parsed = Calendar.from_ical(text)
    days: dict[str, dict[str, Any]] = {}
    skipped: dict[str, dict[str, Any]] = {}
    for event in recurring_ical_events.of(parsed).between(first, last + timedelta(days=1)):
        name = one_line(str(event.get("SUMMARY", "")))[:MAX_NAME]
        begin = event["DTSTART"].dt
        if isinstance(begin, datetime):
            skipped.setdefault(name, {"name": name, "date": begin.date().isoformat()})
            continue
        end = event["DTEND"].dt if "DTEND" in event else begin + timedelta(days=1)
        if isinstance(end, datetime):
            end = end.date()
        for number in range(max(1, (end - begin).days)):
            day = begin + timedelta(days=number)
            if first <= day <= last:
                days.setdefault(day.isoformat(), {"date": day.isoformat(), "name": name, "spans": [], "origin": "ics"})
            if len(days) > MAX_DATES:
                raise ValueError("too many dates")
    return {
        "days": [known for _, known in sorted(days.items())],
        "skipped": sorted(skipped.values(), key=lambda one: str(one["date"]))[:100],
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    begin, end = (date.fromisoformat(one) for one in sys.argv[1:3])
    sys.stdout.write(json.dumps(whole_days(sys.stdin.read(), begin, end)))
