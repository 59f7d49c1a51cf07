"""Who sits in a board hears of its meetings, with a link that only opens the page."""

from changes.boards.models import Meeting
from itsm.accounts.queries.assignable import assignable
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Saying, Words


def tell(meeting: Meeting, sentence: Saying, body: Words = "") -> None:
    """`sentence` names %(board)s and %(when)s. Raises nothing."""
    words = {"board": meeting.board.name, "when": f"{meeting.starts_at:%Y-%m-%d %H:%M}"}
    people = assignable().filter(pk__in=meeting.board.seats.values("person"))  # a seat outlives the role that read it
    by = ("meeting.moved", "approver")
    notify(list(people), sentence % words, body=body, path=meeting.get_absolute_url(), record=meeting, by=by)
