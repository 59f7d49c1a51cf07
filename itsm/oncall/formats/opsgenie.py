"""Opsgenie's API as one file: schedules with rotations, overrides and timelines by the id of a schedule, teams.

Its rotations are on call at once, not one above the other: each becomes a schedule.
"""

from datetime import datetime, time
from typing import Any

from itsm.oncall.formats.hours import Hours
from itsm.oncall.formats.imported import (
    ReadLayer,
    ReadOverride,
    ReadSchedule,
    Unreadable,
    instant,
    is_over,
    known_zone,
    listed,
    whole,
)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {"hourly": "hours", "daily": "days", "weekly": "weeks"}


def read(document: Any, now: datetime) -> list[ReadSchedule]:
    """A schedule for each rotation of the file. Raises Unreadable."""
    teams = {str(one.get("name")): _members(one) for one in listed(document, "teams", "file")}
    found = []
    for one in listed(document, "schedules", "file"):
        every = listed(one, "rotations", "schedule")
        rotations = [each for each in every if not is_over(each.get("endDate"), now, "endDate")]
        alone = len(rotations) == 1
        found += [_rotation(document, one, rotation, teams, now, alone=alone) for rotation in rotations]
    return found


def _members(team: dict[str, Any]) -> list[str]:
    return [str((one.get("user") or {}).get("username") or "") for one in listed(team, "members", "team")]


def _rotation(
    document: dict[str, Any],
    one: dict[str, Any],
    rotation: dict[str, Any],
    teams: dict[str, list[str]],
    now: datetime,
    *,
    alone: bool,
) -> ReadSchedule:
    key, name, zone = str(one.get("id")), str(one.get("name") or one.get("id")), str(one.get("timezone") or "UTC")
    called = str(rotation.get("name") or rotation.get("id"))
    where = f"{name}, {called}"
    owner = str((one.get("ownerTeam") or {}).get("name") or "")
    schedule = ReadSchedule(
        key if alone else f"{key}/{rotation.get('id') or called}", name if alone else f"{name} – {called}", zone, owner
    )
    if not alone:
        schedule.remarks.append("Its rotations were on call at once: each is a schedule here. Page all of them.")
    schedule.layers.append(_layer(schedule, rotation, called, zone, teams, where))
    for each in (document.get("overrides") or {}).get(key) or []:
        mentioned = [str(part.get("id") or part.get("name")) for part in each.get("rotations") or []]
        start, end = instant(each.get("startDate"), where), instant(each.get("endDate"), where)
        if not mentioned or {str(rotation.get("id")), called} & set(mentioned):
            user = str((each.get("user") or {}).get("username") or "")
            schedule.overrides.append(ReadOverride(str(each.get("alias")), start, end, (user,)))
    final = ((document.get("timelines") or {}).get(key) or {}).get("finalTimeline") or {}
    for part in listed(final, "rotations", where):
        if str(part.get("name")) == called or str(part.get("id")) == str(rotation.get("id")):
            for period in listed(part, "periods", where):
                recipient = period.get("recipient") or {}
                times = instant(period.get("startDate"), where), instant(period.get("endDate"), where)
                people = teams.get(str(recipient.get("name")), []) if recipient.get("type") == "team" else None
                for person in people or [str(recipient.get("name") or "")]:
                    schedule.rendering.append((*times, person))
    return schedule


def _layer(
    schedule: ReadSchedule,
    rotation: dict[str, Any],
    called: str,
    zone: str,
    teams: dict[str, list[str]],
    where: str,
) -> ReadLayer:
    unit = _UNITS.get(str(rotation.get("type")))
    if unit is None:
        raise Unreadable(f"{where}: turns are hourly, daily or weekly.")
    local = instant(rotation.get("startDate"), where).astimezone(known_zone(zone, where))
    slots = []
    for one in listed(rotation, "participants", where):
        said, name = str(one.get("type")), str(one.get("username") or one.get("name") or "")
        if said == "team":
            schedule.remarks.append(f"{called}: the team {name} is unfolded into its members of today.")
            slots.append(tuple(teams.get(name, ())))
        elif said == "user":
            slots.append((name,))
        else:
            if said == "escalation":
                schedule.remarks.append(f"{called}: the escalation {name} takes a turn there; here it is nobody's.")
            slots.append(())
    hours = _restrictions(rotation.get("timeRestriction") or {}, where)
    length = max(whole(rotation, "length", where, 1), 1)
    return ReadLayer(called, zone, unit, length, local.date(), time(local.hour, local.minute), tuple(slots), hours)


def _restrictions(said: dict[str, Any], where: str) -> tuple[Hours, ...]:
    if not said:
        return ()
    if said.get("type") == "time-of-day":
        one = said.get("restriction") or {}
        begin, end = _time(one, "start", where), _time(one, "end", where)
        return tuple((day, begin, (day + (end <= begin)) % 7, end) for day in range(7))
    found = []
    for one in listed(said, "restrictions", where):
        first, last = (str(one.get(name)).lower() for name in ("startDay", "endDay"))
        if first not in _DAYS or last not in _DAYS:
            raise Unreadable(f"{where}: a restriction names weekdays.")
        found.append((_DAYS.index(first), _time(one, "start", where), _DAYS.index(last), _time(one, "end", where)))
    return tuple(found)


def _time(one: dict[str, Any], edge: str, where: str) -> time:
    hour, minute = whole(one, f"{edge}Hour", where), whole(one, f"{edge}Min", where, 0)
    if hour > 24 or minute > 59:
        raise Unreadable(f"{where}: {hour}:{minute} is no time.")
    return time(hour % 24, minute)
