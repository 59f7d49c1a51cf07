"""Calendars of others and what is proposed from them, for their page and REST."""

from django.db.models import Prefetch, QuerySet

from changes.feeds.models import ProposedEvent, SubscribedCalendar

MOST_EVENTS = 200


def calendars() -> QuerySet[SubscribedCalendar]:
    """All, with who keeps them."""
    return SubscribedCalendar.objects.select_related("created_by")


def events() -> QuerySet[ProposedEvent]:
    """All, with their calendars and what became of them."""
    return ProposedEvent.objects.select_related("calendar", "window")


def with_what_waits() -> list[SubscribedCalendar]:
    """Those that are not ended, by name, each with the events that wait for an answer, or moved since one."""
    waiting = (
        events().exclude(status=ProposedEvent.Status.DISMISSED).exclude(status=ProposedEvent.Status.TAKEN, moved=False)
    )
    wanted = Prefetch("events", waiting.order_by("starts_at", "pk"), to_attr="waiting")
    return list(calendars().filter(ended_at=None).prefetch_related(wanted))
