"""The life of a lockdown: what stops everything in flight takes two people. Who depends on it hears of each move.

Promise: nothing is held before the second person has approved what is written now, and from then on all of it is:
occurrences are written in the transaction that enforces it, under the calendar's lock.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from changes.calendar.models import CalendarWindow
from changes.calendar.operations import occurring
from changes.calendar.operations.locking import close_calendar
from changes.calendar.operations.windows import concerned
from changes.calendar.queries.content import content_hash
from changes.calendar.rules.recurrence import Period
from changes.calendar.workflow import LOCKDOWN
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.approvals import operations as approvals
from itsm.approvals.asked import Panel
from itsm.audit.recording import who_did
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput

ANSWERED_WITHIN = timedelta(days=14)


@LOCKDOWN.takes("submit")
@transaction.atomic
def submit(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """Ask another change manager to approve it, until it would be over.

    Raises NotPermitted, WrongState (no draft) and InvalidInput (it is over).
    """
    with lifecycle.step(window, "submit", actor=actor) as current:
        _refuse_over(current, at)
        wrote = {pk for pk in (actor.id, current.created_by_id) if pk is not None}
        wrote |= who_did(current, f"{current.kind}.created", f"{current.kind}.edited")
        approvals.ask(
            current,
            Panel("change manager", Role.MANAGER.value, excluded=wrote),
            content_hash=content_hash(current),
            at=at,
            due_at=min(at + ANSWERED_WITHIN, current.ends_at),
            subject=gettext("The lockdown “%(name)s” waits for you") % {"name": current.name},
        )
    return current


@LOCKDOWN.takes("approve")
@transaction.atomic
def approve(window: CalendarWindow, *, actor: Actor, at: datetime, comment: str = "") -> CalendarWindow:
    """Say, as another person than drafted it, that it holds from its start on: it is in force with this answer.

    Where it leaves kinds of changes out, what it holds frees budget for these: who has a stake there does not approve.
    Raises NotPermitted, WrongState (nothing is asked) and InvalidInput (it is over).
    """
    close_calendar()
    with lifecycle.step(window, "approve", actor=actor, remark=comment) as current:
        _refuse_over(current, at)
        if current.change_kinds:
            require_no_interest(actor, concerned(current), doing=gettext("approve a lockdown of some kinds of changes"))
        approvals.answer(
            current, actor=actor, decision="approve", comment=comment, content_hash=content_hash(current), at=at
        )
        current.enforced_at, current.enforced_by_id = at, actor.id
        occurring.write_down(current, [Period(max(current.starts_at, at), current.ends_at)], at)
    return current


@LOCKDOWN.takes("decline")
@transaction.atomic
def decline(window: CalendarWindow, *, actor: Actor, at: datetime, comment: str = "") -> CalendarWindow:
    """It goes back to draft. Raises NotPermitted, WrongState (nothing is asked), MissingInformation (no word why)."""
    with lifecycle.step(window, "decline", actor=actor, remark=comment) as current:
        approvals.answer(
            current, actor=actor, decision="decline", comment=comment, content_hash=content_hash(current), at=at
        )
    return current


@LOCKDOWN.takes("revert")
@transaction.atomic
def revert(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """Take it back to draft; nobody is asked any more. Raises NotPermitted and WrongState."""
    return _taken_back(window, "revert", gettext("taken back to draft"), actor, at)


@LOCKDOWN.takes("cancel")
@transaction.atomic
def cancel(window: CalendarWindow, *, actor: Actor, at: datetime) -> CalendarWindow:
    """It never comes to be; what stood of it is kept. Raises NotPermitted and WrongState."""
    return _taken_back(window, "cancel", gettext("cancelled"), actor, at)


def _taken_back(window: CalendarWindow, action: str, why: str, actor: Actor, at: datetime) -> CalendarWindow:
    with lifecycle.step(window, action, actor=actor) as current:
        approvals.withdraw(current, at=at, why=why)
    return current


def _refuse_over(window: CalendarWindow, at: datetime) -> None:
    if window.ends_at <= at:
        raise InvalidInput.about("ends_at", gettext("It would be over already: draft it anew."))
