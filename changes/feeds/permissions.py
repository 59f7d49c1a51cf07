"""Who may do what with feeds and with calendars of others."""

from typing import Any

from changes.calendar.permissions import calendar_keepers
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor

__all__ = ["calendar_keepers", "feed_owners", "staff"]


def feed_owners(actor: Actor, feed: Any = None) -> bool:
    """People who work here have feeds of their own; nobody has one of somebody else."""
    return staff(actor) and actor.is_human and (feed is None or feed.owner_id == actor.id)
