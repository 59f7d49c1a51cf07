"""Every write to calendars. An edit makes the next version, which holds from now on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.alike import told_apart
from itsm.calendars.adapters import days_of_ics
from itsm.calendars.formats.public_holidays import public_holidays
from itsm.calendars.permissions import calendar_keepers
from itsm.calendars.queries import newest_version
from itsm.clocks import hours_format, recounting
from itsm.clocks.hours import Hours
from itsm.clocks.models import Calendar, CalendarVersion
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank, read_alike

Week = Mapping[str, Sequence[str]]
Days = Sequence[Mapping[str, Any]]


def create_calendar(
    *, actor: Actor, at: datetime, name: str, zone: str, week: Week, days: Days = ()
) -> Calendar:  # fmt: skip
    """A calendar with its first version.

    Raises NotPermitted, InvalidInput (each fault of the hours), Conflict (the name is taken).
    """
    _keeper(actor)
    hours = hours_format.read(zone, week, days)
    with transaction.atomic():
        calendar = _unique(Calendar(name=name.strip(), zone=zone))
        version = _append(calendar, hours, actor, at, at, "")
        changes = {"name": [None, calendar.name], "zone": [None, zone], "week": [None, version.week]}
        return lifecycle.created(calendar, actor=actor, changes=changes, at=at)


def edit_calendar(
    calendar: Calendar,
    *,
    actor: Actor,
    version: int | None,
    at: datetime,
    name: str | None = None,
    week: Week | None = None,
    days: Days | None = None,
    valid_from: datetime | None = None,
    reason: str = "",
) -> Calendar:
    """Other hours from now on, or another name; clocks that run or wait are counted anew soon, settled ones never.

    `valid_from`: count anew from an instant that has passed, which needs a `reason`. Nothing changed: no new version.
    Raises NotPermitted, InvalidInput, Conflict (name), StaleVersion, VersionRequired.
    """
    _keeper(actor)
    since = _since(valid_from, reason, at)
    wanted = Calendar(name=calendar.name if name is None else name.strip())
    with told_apart(lambda: _taken(wanted)), lifecycle.edit(calendar, actor=actor, version=version) as current:
        held = newest_version(current)
        hours = hours_format.read(
            current.zone, held.week if week is None else week, held.days if days is None else days
        )  # fmt: skip
        if name is not None and name.strip() != current.name:
            current.name = name.strip()
            _refuse_taken(current)
        written = hours_format.week_written(hours), hours_format.days_written(hours)
        if written != (held.week, held.days) or valid_from is not None:
            current.number += 1
            _append(current, hours, actor, at, since, reason)
            recounting.schedule(current, at)
    return current


def _keeper(actor: Actor) -> None:
    if not calendar_keepers(actor):
        raise NotPermitted(gettext("Administrators keep the calendars."))


def _since(valid_from: datetime | None, reason: str, at: datetime) -> datetime:
    if valid_from is None:
        return at
    if valid_from > at:
        sentence = gettext("An edit holds from now on; write what comes later as dates of their own.")
        raise InvalidInput.about("valid_from", sentence)
    if is_blank(reason):
        raise InvalidInput.about("reason", gettext("To count anew what has passed needs a reason."))
    return valid_from


def _unique(calendar: Calendar) -> Calendar:
    _refuse_taken(calendar)
    with told_apart(lambda: _taken(calendar)):
        calendar.save(force_insert=True)
    return calendar


def _refuse_taken(calendar: Calendar) -> None:
    if Calendar.objects.filter(name_key=read_alike(calendar.name)).exclude(pk=calendar.pk).exists():
        raise _taken(calendar)


def _taken(calendar: Calendar) -> Conflict:
    return Conflict(gettext("There is a calendar called %(name)s already.") % {"name": calendar.name})


def _append(
    calendar: Calendar, hours: Hours, actor: Actor, at: datetime, since: datetime, reason: str
) -> CalendarVersion:  # fmt: skip
    return CalendarVersion.objects.create(
        calendar=calendar,
        number=calendar.number,
        valid_from=since,
        week=hours_format.week_written(hours),
        days=hours_format.days_written(hours),
        reason=reason,
        by_id=actor.id,
        by_name=actor.name[:150],
        at=at,
    )


def imported_days(
    held: Days,
    *,
    country: str = "",
    subdivision: str = "",
    years: Sequence[int] = (),
    ics: str = "",
    first: date | None = None,
    last: date | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """What an import would make of a calendar's dates; nothing is written.

    `days`: all of them afterwards; `added`: the new ones; `kept`: dates that were there already and stay as they are;
    `skipped`: events that are no whole days. Raises InvalidInput.
    """
    found: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    if country:
        found += public_holidays(country, subdivision, years)
    if ics:
        if first is None or last is None or not 0 <= (last - first).days <= 3_660:
            raise InvalidInput.about("first", gettext("Say from when to when, at most ten years."))
        read = days_of_ics(ics, first, last)
        found, skipped = [*found, *read["days"]], read["skipped"]
    there = {str(one["date"]): dict(one) for one in held}
    added = {str(one["date"]): one for one in reversed(found) if one["date"] not in there}
    merged = {**there, **added}
    return {
        "days": [merged[day] for day in sorted(merged)],
        "added": [added[day] for day in sorted(added)],
        "kept": [one for one in found if one["date"] in there],
        "skipped": skipped,
    }
