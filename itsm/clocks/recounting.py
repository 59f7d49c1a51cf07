"""After a calendar was edited: its open clocks are counted anew, some at a time, by a due row of the calendar."""

from datetime import datetime, timedelta

from itsm.clocks import due
from itsm.clocks.models import Calendar
from itsm.clocks.operations import recount

NAME = "calendar_recount"
AT_ONCE = 50  # clocks; so many records are held together


def schedule(calendar: Calendar, now: datetime) -> None:
    """Count the open clocks of this calendar anew, soon."""
    due.schedule(NAME, Calendar.kind, calendar.pk, now)


def carry_out(calendar_id: int, at: datetime) -> None:
    """Count some anew, and promise the rest."""
    calendar = Calendar.objects.get(pk=calendar_id)
    if recount(calendar, now=at, limit=AT_ONCE) == AT_ONCE:
        schedule(calendar, at + timedelta(seconds=1))


def listen() -> None:
    """Called once, at start."""
    due.register(NAME, carry_out)
