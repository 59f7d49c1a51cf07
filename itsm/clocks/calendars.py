"""Which hours a calendar has, and had."""

from datetime import datetime
from functools import lru_cache

from django.db import connection

from itsm.clocks import hours_format
from itsm.clocks.hours import Hours, always
from itsm.clocks.models import CalendarVersion
from itsm.clocks.terms import Terms

_ALWAYS = always()
# The newest that is valid; before all of them the first.
_IN_FORCE = """
SELECT v.id, c.name, v.number FROM clocks_calendarversion v JOIN clocks_calendar c ON c.id = v.calendar_id
WHERE v.calendar_id = %s
ORDER BY v.valid_from <= %s DESC, CASE WHEN v.valid_from <= %s THEN v.number ELSE -v.number END DESC
LIMIT 1
"""


def version_in_force(calendar_id: int, at: datetime) -> CalendarVersion:
    """The newest version that is valid at this instant; before all of them the first."""
    versions = CalendarVersion.objects.select_related("calendar").filter(calendar_id=calendar_id)
    found = versions.filter(valid_from__lte=at).order_by("-number").first()
    return found or versions.get(number=1)


def hours_at(calendar_id: int | None, at: datetime) -> Hours:
    """The hours of a calendar as they are in force then; None: every second counts."""
    return _ALWAYS if calendar_id is None else hours_of(version_in_force(calendar_id, at).pk)


@lru_cache(maxsize=500)
def hours_of(version_id: int | None) -> Hours:
    """The hours of a version, which never change; None: every second counts. One query at most."""
    if version_id is None:
        return _ALWAYS
    return hours_in(CalendarVersion.objects.select_related("calendar").get(pk=version_id))


def hours_in(version: CalendarVersion) -> Hours:
    """The hours that a version holds. No query where its calendar is at hand."""
    return hours_format.read(version.calendar.zone, version.week, version.days)


def label(version: CalendarVersion) -> str:
    """`Berlin v7`."""
    return f"{version.calendar.name} v{version.number}"


def counted_by(calendar_id: int | None, at: datetime, target_s: int | None = None) -> Terms:
    """Terms of nothing but a calendar as it is in force at `at`, and perhaps a target. One query."""
    if calendar_id is None:
        return Terms(target_s)
    with connection.cursor() as cursor:  # for every record that begins: plain SQL
        cursor.execute(_IN_FORCE, [calendar_id, at, at])
        version_id, name, number = cursor.fetchone()
    return Terms(target_s, calendar_id, version_id, f"{name} v{number}")
