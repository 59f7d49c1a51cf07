"""What stands below the words of a mail for one reader alone, such as a link that is theirs.

It is made as the mail leaves: nothing in the database opens a door. What stands above registers in `ready()`.
"""

from collections.abc import Callable

from itsm.notifications.models import Notification

Ending = Callable[[Notification], str]
_endings: dict[tuple[str, str], Ending] = {}


def register(event: str, relation: str, ending: Ending) -> None:
    """`ending` gives the lines for the mail of this event to who stands in this relation; "" for none."""
    _endings[(event, relation)] = ending


def ending_of(notification: Notification) -> str:
    """Its lines, "" where there are none."""
    found = _endings.get((notification.event, notification.relation))
    return found(notification) if found is not None else ""
