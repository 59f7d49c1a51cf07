"""PagerDuty's API as one file: users, and schedules as GET /schedules/{id}?since=&until= shows them."""

from datetime import datetime, time
from typing import Any

from itsm.oncall.formats.hours import Hours
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
    span,
    turn_of,
    whole,
)


def read(document: Any, now: datetime) -> list[ReadSchedule]:
    """Every schedule of the file. Raises Unreadable."""
    people = {str(one.get("id")): str(one.get("email") or "") for one in listed(document, "users", "file")}
    return [_schedule(one.get("schedule") or one, people, now) for one in listed(document, "schedules", "file")]


def _schedule(one: dict[str, Any], people: dict[str, str], now: datetime) -> ReadSchedule:
    key, zone = str(one.get("id")), str(one.get("time_zone") or "UTC")
    known_zone(zone, f"schedule {key}")
    teams = listed(one, "teams", key)
    team = str(teams[0].get("summary") or "") if teams else ""
    schedule = ReadSchedule(key, str(one.get("name") or key), zone, team)
    for layer in listed(one, "schedule_layers", key):
        if not is_over(layer.get("end"), now, key):
            schedule.layers.append(_layer(layer, zone, people, f"{key}, layer {layer.get('name')}"))
    for each in _overrides(one, key):
        start, end = instant(each.get("start"), key), instant(each.get("end"), key)
        number = str(each.get("id") or f"{start:%Y%m%dT%H%M%SZ}")
        schedule.overrides.append(ReadOverride(number, start, end, (_email(each, people),)))
    final = one.get("final_schedule") or {}
    for each in listed(final, "rendered_schedule_entries", key):
        schedule.rendering.append(
            (instant(each.get("start"), key), instant(each.get("end"), key), _email(each, people))
        )
    return schedule


def _overrides(one: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """As GET /schedules/{id}/overrides lists them; without that, as the schedule itself renders them."""
    if "overrides" in one:
        return listed(one, "overrides", key)
    return listed(one.get("overrides_subschedule") or {}, "rendered_schedule_entries", key)


def _email(entry: dict[str, Any], people: dict[str, str]) -> str:
    user = entry.get("user") or {}
    return str(user.get("email") or people.get(str(user.get("id")), "") or user.get("summary") or "")


def _layer(layer: dict[str, Any], zone: str, people: dict[str, str], where: str) -> ReadLayer:
    unit, length = turn_of(whole(layer, "rotation_turn_length_seconds", where), where)
    local = instant(layer.get("rotation_virtual_start"), where).astimezone(known_zone(zone, where))
    slots = tuple((_email(one, people),) for one in listed(layer, "users", where))
    hours = tuple(each for one in listed(layer, "restrictions", where) for each in _restriction(one, where))
    handoff = time(local.hour, local.minute)
    return ReadLayer(str(layer.get("name") or ""), zone, unit, length, local.date(), handoff, slots, hours)


def _restriction(one: dict[str, Any], where: str) -> tuple[Hours, ...]:
    try:
        begins = time.fromisoformat(str(one.get("start_time_of_day")))
    except ValueError as error:
        raise Unreadable(f"{where}: start_time_of_day is no time.") from error
    seconds = whole(one, "duration_seconds", where)
    if one.get("type") == "weekly_restriction":
        day = whole(one, "start_day_of_week", where)
        if not 1 <= day <= 7:
            raise Unreadable(f"{where}: start_day_of_week is 1 (Monday) to 7.")
        return (span(day - 1, begins, seconds),)
    return every_day(begins, seconds)
