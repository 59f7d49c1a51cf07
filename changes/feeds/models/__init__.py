"""What feeds store."""

from changes.feeds.models.feed import CalendarFeed
from changes.feeds.models.subscribed import ProposedEvent, SubscribedCalendar

__all__ = ["CalendarFeed", "ProposedEvent", "SubscribedCalendar"]
