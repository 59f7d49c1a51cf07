"""When the calendar's windows are, for a service in an environment: read by one probe of the index of occurrences."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from changes.calendar.models import CalendarWindow

_HERE = Path(__file__)
# Whether the window `w` concerns %(concerned)s (ids of services) in %(environment)s; the recursive part that it reads.
IN_SCOPE = _HERE.with_name("in_scope.sql").read_text(encoding="utf-8")
UPSTREAM = _HERE.with_name("upstream.sql").read_text(encoding="utf-8")
# Whether the window `w` is not over for good at %(at)s: what is over demands nothing.
TO_COME = """(w.ends_at > %(at)s OR w.rrule <> '' AND EXISTS (
  SELECT FROM changes_calendaroccurrence o WHERE o.window_id = w.id AND upper(o.period) > %(at)s
))"""
_OCCURRENCES = _HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("{in_scope}", IN_SCOPE)
_OCCURRENCES = f"WITH RECURSIVE {UPSTREAM}\n{_OCCURRENCES}"
_ALL = _HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("{in_scope}", "true")
_DEMANDED = f"""
WITH RECURSIVE {UPSTREAM}
SELECT w.name, w.created_at FROM changes_calendarwindow w
WHERE w.demanded AND w.lifted_at IS NULL AND {TO_COME} AND {IN_SCOPE}
ORDER BY w.id
"""  # noqa: S608 - all of it is written here
MOST = 20_000


class Occurrence(NamedTuple):
    """One time of a window: [starts_at, ends_at). `since`: when the window was entered.

    `change_kinds`: the kinds of change that it is for; none: all.
    """

    window_id: int
    window_type: str
    name: str
    demanded: bool
    since: datetime
    starts_at: datetime
    ends_at: datetime
    change_kinds: Collection[str] = ()

    def concerns(self, kinds: Collection[str] | None) -> bool:
        """Whether it is for what the gate counted as these kinds, all of them; of what it never looked at, for sure."""
        return not self.change_kinds or kinds is None or set(kinds) <= set(self.change_kinds)

    @property
    def kind_in_words(self) -> str:
        """Its kind, in the reader's language."""
        return str(CalendarWindow.Kind(self.window_type).label)


def occurrences_for(
    services: Collection[int],
    environment: str | None,
    starts_at: datetime,
    ends_at: datetime,
    kinds: Sequence[str] = CalendarWindow.Kind.values,
) -> list[Occurrence]:
    """What meets [starts_at, ends_at) and concerns any of these services there (None: anywhere), in order.

    The first MOST of them. Lifted windows are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _OCCURRENCES,
            {
                "concerned": list(services), "environment": environment, "starts": starts_at, "ends": ends_at,
                "kinds": list(kinds), "most": MOST,
            },
        )  # fmt: skip
        return [Occurrence(*row) for row in cursor.fetchall()]


def occurrences_between(starts_at: datetime, ends_at: datetime) -> list[Occurrence]:
    """What meets [starts_at, ends_at), whatever it concerns, in order: the first MOST. Lifted windows are left out."""
    with connection.cursor() as cursor:
        kinds = CalendarWindow.Kind.values
        cursor.execute(_ALL, {"starts": starts_at, "ends": ends_at, "kinds": kinds, "most": MOST})
        return [Occurrence(*row) for row in cursor.fetchall()]


def occurrences_at(
    services: Collection[int], environment: str, at: datetime, kinds: Sequence[str] = CalendarWindow.Kind.values
) -> list[Occurrence]:
    """What is going on at this instant."""
    return occurrences_for(services, environment, at, at + timedelta(microseconds=1), kinds)


def demanded_of(services: Collection[int], environment: str, at: datetime) -> list[tuple[str, datetime]]:
    """Maintenance that changes of any of these services have to happen in from `at` on: its name, and since when it is
    demanded."""
    with connection.cursor() as cursor:
        cursor.execute(_DEMANDED, {"concerned": list(services), "environment": environment, "at": at})
        return [(name, since) for name, since in cursor.fetchall()]


def as_occurrence(window: CalendarWindow) -> Occurrence:
    """The only time of a window that is once, as it is written."""
    return Occurrence(
        window.pk, window.window_type, window.name, window.demanded, window.created_at, window.starts_at,
        window.ends_at, tuple(window.change_kinds),
    )  # fmt: skip
