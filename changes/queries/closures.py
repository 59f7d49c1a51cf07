"""Whether the calendar is closed for a change now."""

from datetime import datetime

from django.db.models import Q

from changes.models import CalendarWindow, Change

CLOSING = (CalendarWindow.Kind.FREEZE, CalendarWindow.Kind.BLACKOUT, CalendarWindow.Kind.LOCKDOWN)


def closing_now(change: Change, at: datetime) -> CalendarWindow | None:
    """The freeze, blackout or lockdown that holds this change at `at`, the longest one; None when open."""
    in_scope = Q(services=None) | Q(services=change.service_id)
    here = Q(environments=[]) | Q(environments__contains=[change.environment])
    windows = CalendarWindow.objects.filter(
        in_scope, here, meaning__in=CLOSING, lifted_at=None, starts_at__lte=at, ends_at__gt=at
    )
    return windows.order_by("-ends_at").first()
