"""The calendar of closed times, for its page; which windows close it."""

from datetime import datetime
from typing import Any

from changes.calendar.models import CalendarWindow

CLOSING = (CalendarWindow.Kind.FREEZE, CalendarWindow.Kind.BLACKOUT, CalendarWindow.Kind.LOCKDOWN)


_MAX_ROWS = 200
_PAST = 20


def calendar(at: datetime) -> dict[str, Any]:
    """`now`, `coming` and the last of what is `over`; two queries and their services."""
    windows = CalendarWindow.objects.prefetch_related("services").select_related("created_by")
    ahead = list(windows.filter(lifted_at=None, ends_at__gt=at).order_by("starts_at", "id")[:_MAX_ROWS])
    over = windows.exclude(lifted_at=None, ends_at__gt=at).order_by("-ends_at", "-id")[:_PAST]
    return {
        "closed_now": [window for window in ahead if window.starts_at <= at],
        "coming": [window for window in ahead if window.starts_at > at],
        "over": list(over),
    }
