"""When the calendar's windows are, for a service in an environment: read by one probe of the index of occurrences."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from changes.calendar.models import CalendarWindow

_HERE = Path(__file__)
# Whether the window `w` concerns %(concerned)s (ids of services) in %(environment)s; for statements about windows.
IN_SCOPE = _HERE.with_name("in_scope.sql").read_text(encoding="utf-8")
_OCCURRENCES = _HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("{in_scope}", IN_SCOPE)
_MOST = 2000


class Occurrence(NamedTuple):
    """One time of a window: [starts_at, ends_at). `since`: when the window was entered."""

    window_id: int
    window_type: str
    name: str
    demanded: bool
    since: datetime
    starts_at: datetime
    ends_at: datetime

    @property
    def kind_in_words(self) -> str:
        """Its kind, in the reader's language."""
        return str(CalendarWindow.Kind(self.window_type).label)


def occurrences_for(
    services: Collection[int],
    environment: str,
    starts_at: datetime,
    ends_at: datetime,
    kinds: Sequence[str] = CalendarWindow.Kind.values,
) -> list[Occurrence]:
    """What meets [starts_at, ends_at) and concerns any of these services there, in order; lifted windows left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OCCURRENCES,
            {
                "concerned": list(services), "environment": environment, "starts": starts_at, "ends": ends_at,
                "kinds": list(kinds), "most": _MOST,
            },
        )  # fmt: skip
        return [Occurrence(*row) for row in cursor.fetchall()]


def occurrences_at(
    services: Collection[int], environment: str, at: datetime, kinds: Sequence[str] = CalendarWindow.Kind.values
) -> list[Occurrence]:
    """What is going on at this instant."""
    return occurrences_for(services, environment, at, at + timedelta(microseconds=1), kinds)
