"""Grafana OnCall's API as one file: users, schedules, on_call_shifts, and final_shifts by the id of a schedule."""

from datetime import datetime, time, timedelta
from typing import Any

from itsm.oncall.formats.imported import (
    ReadLayer,
    ReadOverride,
    ReadSchedule,
    Unreadable,
    every_day,
    instant,
    is_over,
    known_zone,
    listed,
    next_start,
    span,
    whole,
)

_DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_UNITS = {"hourly": ("hours", 3_600), "daily": ("days", 86_400), "weekly": ("weeks", 604_800)}


def read(document: Any, now: datetime) -> list[ReadSchedule]:
    """Every schedule of the file. Raises Unreadable."""
    people = {str(one.get("id")): str(one.get("email") or "") for one in listed(document, "users", "file")}
    shifts = {str(one.get("id")): one for one in listed(document, "on_call_shifts", "file")}
    rendered = document.get("final_shifts") or {}
    if not isinstance(rendered, dict):
        raise Unreadable("file: final_shifts is an object by the id of a schedule.")
    found = []
    for one in listed(document, "schedules", "file"):
        key, zone = str(one.get("id")), str(one.get("time_zone") or "UTC")
        known_zone(zone, f"schedule {key}")
        schedule = ReadSchedule(key, str(one.get("name") or key), zone, str(one.get("team_name") or ""))
        wanted = [shifts[str(each)] for each in one.get("shifts") or [] if str(each) in shifts]
        for shift in sorted(wanted, key=lambda each: -whole(each, "level", "shift", 0)):
            _take(schedule, shift, people, now)
        if one.get("type") == "ical":
            schedule.remarks.append("It is read from an ICS address there: its events are not taken over.")
        for each in rendered.get(key) or []:
            where = f"final_shifts of {key}"
            schedule.rendering.append(
                (
                    instant(each.get("shift_start"), where),
                    instant(each.get("shift_end"), where),
                    str(each.get("user_email") or people.get(str(each.get("user_pk")), "")),
                )
            )
        found.append(schedule)
    return found


def _take(schedule: ReadSchedule, shift: dict[str, Any], people: dict[str, str], now: datetime) -> None:
    name = str(shift.get("name") or shift.get("id"))
    where, zone = f"shift {name}", str(shift.get("time_zone") or schedule.zone)
    start = instant(shift.get("start"), where, zone).astimezone(known_zone(zone, where))
    seconds = whole(shift, "duration", where)
    if shift.get("type") in ("override", "single_event"):
        users = tuple(people.get(str(one), str(one)) for one in _users(shift))
        end = start + timedelta(seconds=seconds)
        schedule.overrides.append(ReadOverride(str(shift.get("id")), start, end, users))
        return
    if is_over(shift.get("until"), now, where, zone):
        return
    if shift.get("until"):
        schedule.remarks.append(f"{name}: it ends at {shift['until']} there; end the layer here by hand.")
    if shift.get("frequency") not in _UNITS:
        schedule.remarks.append(f"{name}: {shift.get('frequency')} turns are not taken over.")
        return
    schedule.layers.append(_layer(name, shift, start, seconds, zone, people))


def _users(shift: dict[str, Any]) -> list[Any]:
    return [one for each in shift.get("rolling_users") or [] for one in each] or list(shift.get("users") or [])


def _layer(
    name: str, shift: dict[str, Any], start: datetime, seconds: int, zone: str, people: dict[str, str]
) -> ReadLayer:  # fmt: skip
    unit, size = _UNITS[str(shift["frequency"])]
    interval = max(whole(shift, "interval", name, 1), 1)
    rolling = [list(one) for one in shift.get("rolling_users") or []] or [list(shift.get("users") or [])]
    first = whole(shift, "start_rotation_from_user_index", name, 0) % max(len(rolling), 1)
    slots = tuple(tuple(people.get(str(one), str(one)) for one in each) for each in rolling[first:] + rolling[:first])
    days = [_DAYS[str(one)] for one in shift.get("by_day") or [] if str(one) in _DAYS]
    begins = time(start.hour, start.minute)
    since = instant(shift.get("rotation_start") or shift.get("start"), name, zone)
    if days and unit == "weeks":  # a turn is the week: it begins with its first day, at the time of the shift
        monday = start - timedelta(days=start.weekday())
        anchor = next_start(monday, timedelta(weeks=interval), since - timedelta(days=6))
    else:
        anchor = next_start(start, timedelta(seconds=size * interval), since)
    if days:
        hours = tuple(span(day, begins, seconds) for day in sorted(set(days)))
    elif unit == "days":
        hours = every_day(begins, seconds) if interval == 1 else ()
    elif unit == "weeks" and seconds < size:
        hours = (span(start.weekday(), begins, seconds),)
    else:
        hours = ()
    count = "covered" if days and unit == "days" else "calendar"
    return ReadLayer(name, zone, unit, interval, anchor.date(), begins, slots, hours, count)
