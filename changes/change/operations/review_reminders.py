"""Who looks back hears of it three times: as a review falls due, a day ahead of its date, and once that has passed.

Each once: they are promises in `itsm.clocks`, taken back by the review.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.requests.queries import wanted_by_change
from changes.change.models import Change
from changes.change.operations.lasting import people_of
from changes.change.permissions import ecab_of
from changes.change.vocabulary import ChangeClass
from changes.change.workflow import OVER
from itsm import lifecycle
from itsm.accounts.interest import natural_persons
from itsm.accounts.models import User
from itsm.accounts.queues import managers, owners_in
from itsm.clocks import due
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Joined, Saying, Words
from itsm.notifications.sayings import saying as _

if TYPE_CHECKING:
    from django.db.models import QuerySet

AHEAD = "changes.review_ahead"
OVERDUE = "changes.review_overdue"
NOTICE = timedelta(days=1)


def promise(change: Change, at: datetime) -> None:
    """A review is owed from now on: who looks back is told, and will be again. In the transaction in which it is owed.

    Raises nothing.
    """
    owed_until = change.review_due_at
    if owed_until is None:
        return
    if owed_until - NOTICE > at:
        due.schedule(AHEAD, change.kind, change.pk, owed_until - NOTICE)
    due.schedule(OVERDUE, change.kind, change.pk, owed_until)
    _tell(change, _("%(change)s is to be looked back at until %(until)s UTC"), list(lookers_back(change)))


def take_back(change: Change) -> None:
    """It was looked back at. Raises nothing."""
    due.cancel(change.kind, change.pk, AHEAD, OVERDUE)


def remind_ahead(change_id: int, at: datetime) -> None:
    """Due: a day is left."""
    change = _still_owed(change_id)
    if change is not None:
        subject = _("The review of %(change)s is due in a day, at %(until)s UTC")
        _tell(change, subject, list(lookers_back(change)))


def remind_overdue(change_id: int, at: datetime) -> None:
    """Due: its date has passed. Whoever asked hears as well: of an emergency, the team's path is closed by it."""
    change = _still_owed(change_id)
    if change is not None:
        subject = _("The review of %(change)s is overdue since %(until)s UTC")
        _tell(change, subject, [*lookers_back(change), *people_of(change)], is_overdue=True)


def lookers_back(change: Change) -> "QuerySet[User]":
    """Who is told to look back: of an emergency its ECAB, else owners in the service's team and change managers.

    Nobody who had a part in it.
    """
    people = User.objects.active_people()
    involved = change.interested | natural_persons(change.interested)
    if change.change_class == ChangeClass.EMERGENCY:
        board = ecab_of(change)
        asked = managers() if board is None else people.filter(pk__in=board.members)
    else:
        asked = managers() | owners_in(change.service.team_id)
    return asked.exclude(pk__in=involved).distinct()


def waits_for(change: Change) -> str | None:
    """The reference of what somebody asked for and cannot get before this change is closed; None for nothing."""
    wanted = wanted_by_change(change.pk)
    return wanted.item.reference if wanted is not None and change.status not in OVER else None


def _still_owed(change_id: int) -> Change | None:
    change = lifecycle.locked(Change.objects.get(pk=change_id))
    owed = change.review_due_at is not None and change.reviewed_at is None and change.status not in OVER
    return change if owed else None


def _tell(change: Change, subject: Saying, people: list[User], *, is_overdue: bool = False) -> None:
    words = {"change": change.reference, "until": f"{change.review_due_at:%Y-%m-%d %H:%M}"}
    body: Words = _("People look back at it because %(why)s.") % {"why": change.get_review_because_display()}
    if (waiting := waits_for(change)) is not None:
        body = Joined([body, _("%(item)s waits until it is looked back at and closed.") % {"item": waiting}], " ")
    if is_overdue and change.change_class == ChangeClass.EMERGENCY:
        closed = _("Until it is written, the team of %(service)s has no emergency path.")
        body = Joined([body, closed % {"service": change.service.name}], " ")
    by = ("change.review_due", "assignee")
    notify(people, subject % words, body=body, path=change.get_absolute_url(), record=change, by=by)
