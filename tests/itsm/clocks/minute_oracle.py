"""A clock read minute by minute, for people who distrust arithmetic. Shares no code with the product.

A span of a local date is open from the first minute that shows its begin (or, where clocks jump over it, the first that
shows a later time) until the last minute that shows its end (or the jump). 24:00 is the end of the date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Calendar:
    """As somebody would write it: spans in minutes by weekday, and dates that are otherwise."""

    name: int
    zone: str
    week: tuple[Spans, ...]
    days: Mapping[date, Spans]


@cache
def shown(zone: str, begin: datetime, minutes: int) -> list[tuple[date, int]]:
    """What the clocks of the zone show in each of these minutes."""
    known = ZoneInfo(zone)
    local = [(begin + MINUTE * number).astimezone(known) for number in range(minutes)]
    return [(one.date(), one.hour * 60 + one.minute) for one in local]


def open_minutes(calendar: Calendar, begin: datetime, minutes: int) -> list[bool]:
    """Whether each minute from here on is open."""
    before = 24 * 60 + 120
    readings = shown(calendar.zone, begin - MINUTE * before, minutes + 2 * before)
    by_date: dict[date, list[tuple[int, int]]] = {}
    for place, (day, reading) in enumerate(readings):
        by_date.setdefault(day, []).append((place, reading))
    found = [False] * len(readings)
    for day, seen in by_date.items():
        spans = calendar.days[day] if day in calendar.days else calendar.week[day.weekday()]
        for opens, closes in spans:
            first = [place for place, reading in seen if reading >= opens]
            last = [place for place, reading in seen if reading == closes]
            later = [place for place, reading in seen if reading > closes]
            if not first:
                continue
            end = last[-1] if last else later[0] if later else seen[-1][0] + 1
            for place in range(first[0], end):
                found[place] = True
    return found[before : before + minutes]


@dataclass(frozen=True)
class Said:
    """What happened in which minute; `calendar` and `target` of what counts anew. In the order of noting."""

    minute: int
    what: str
    calendar: Calendar | None = None
    target: int | None = None


def read(said: Sequence[Said], begin: datetime, minutes: int) -> dict[str, Any]:
    """Everything that a clock says after these, found by walking through `minutes` minutes."""
    tables: dict[int, list[bool]] = {}

    def table(calendar: Calendar) -> list[bool]:
        if id(calendar) not in tables:
            tables[id(calendar)] = open_minutes(calendar, begin, minutes)
        return tables[id(calendar)]

    kept: list[Said] = []
    for one in said:
        before = [other.what for other in kept if other.what in ("started", "resumed", "stopped", "voided")]
        if one.what not in ("retargeted", "recounted") or before[-1] not in ("stopped", "voided"):
            kept.append(one)
    said = kept

    # Which calendar holds in each minute: as noted, then as it was recounted.
    holds: list[Calendar | None] = [None] * minutes
    for one in said:
        if one.what in ("started", "retargeted"):
            for minute in range(one.minute, minutes):
                holds[minute] = one.calendar
        elif one.what == "recounted":
            for minute in range(one.minute, minutes):
                held = holds[minute]
                if held is not None and one.calendar is not None and held.name == one.calendar.name:
                    holds[minute] = one.calendar
    happening: dict[int, list[Said]] = {}
    for one in said:
        if one.what != "recounted":
            happening.setdefault(one.minute, []).append(one)

    state, target, elapsed, counted_at = "none", None, 0, []  # counted_at: ends of the minutes that counted
    due: int | None = None
    by_change, outcome, late, ran_until = False, None, 0, 0
    final = max(one.minute for one in said)
    at_the_end = 0
    for minute in range(minutes):
        for one in happening.get(minute, []):
            overdue = by_change or (due is not None and due < ran_until)
            if one.what == "started":
                state, target, ran_until = "running", one.target, minute
            elif one.what == "paused" and state == "running":
                state = "paused"
            elif one.what == "resumed" and state in ("paused", "stopped"):
                state, outcome, late = "running", None, 0
            elif one.what == "stopped" and state in ("running", "paused"):
                state = "stopped"
                outcome = None
                if target is not None:
                    if due is not None and not by_change:
                        overdue = due < ran_until
                    outcome = "breached" if overdue else "met"
                    late = sum(1 for end in counted_at if due is not None and end > due) if overdue else 0
            elif one.what == "voided":
                state, outcome, late, by_change = "void", None, 0, False
            elif one.what == "retargeted" and one.target != target and state != "void":
                old, target = target, one.target
                if target is None or elapsed < target:
                    due, by_change = None, False
                elif not overdue:
                    due, by_change = minute, True
                elif old is not None and target > old and not by_change:
                    due = counted_at[target - 1]
        if minute == final:
            at_the_end = elapsed
            final_state = state
        if state == "running":
            held = holds[minute]
            if held is not None and table(held)[minute]:
                elapsed += 1
                counted_at.append(minute + 1)
                if target is not None and due is None and elapsed == target:
                    due = minute + 1
            ran_until = minute + 1
    return {
        "state": final_state,
        "counted": at_the_end,
        "due": due if final_state == "running" else None,
        "outcome": outcome,
        "late": late,
        "by_change": by_change,
    }


WEEKS_WITH_JUMPS = {
    "Europe/Berlin": (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)),
    "America/Havana": (datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)),
    "Asia/Kolkata": (datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)),
}
