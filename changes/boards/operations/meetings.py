"""A meeting is planned, opened, looked in on, and closed with its minutes; or cancelled."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from changes.boards.models import Board, Meeting, Minutes, Presence
from changes.boards.operations.telling import tell
from changes.boards.permissions import board_keepers, planners
from changes.boards.queries.minutes import facts_of
from changes.boards.queries.minutes_text import as_text
from changes.boards.vocabulary import MeetingStatus, Part
from changes.boards.workflow import MEETING
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.sayings import saying as _

_LONGEST = timedelta(hours=12)
_FARTHEST = timedelta(days=366)


def may_plan(board: Board, actor: Actor) -> bool:
    """Change managers and the board's chairs. Raises nothing."""
    chairs = board.seats.filter(part=Part.CHAIR).values_list("person", flat=True)
    return board_keepers(actor) or (actor.is_human and actor.id in set(chairs))


@transaction.atomic
def plan_meeting(board: Board, *, actor: Actor, starts_at: datetime, ends_at: datetime, at: datetime) -> Meeting:
    """A meeting of the board; its members hear of it, with a link that only opens the page.

    Raises NotPermitted, InvalidInput, WrongState (the board is retired).
    """
    if not may_plan(board, actor):
        raise NotPermitted(gettext("The chair of a board, or a change manager, plans its meetings."))
    if board.retired_at is not None:
        raise WrongState(gettext("%(board)s is retired.") % {"board": board.name})
    _refuse_odd_times(starts_at, ends_at, at)
    meeting = Meeting.objects.create(board=board, starts_at=starts_at, ends_at=ends_at)
    lifecycle.created(
        meeting, actor=actor, changes={"board": [None, board.slug], "starts_at": [None, starts_at]}, at=at
    )
    tell(meeting, _("%(board)s meets on %(when)s UTC"))
    return meeting


@transaction.atomic
def move_meeting(
    meeting: Meeting, *, actor: Actor, version: int | None, starts_at: datetime, ends_at: datetime, at: datetime
) -> Meeting:
    """A planned meeting takes place at another time; its people hear of it, and are told anew what it is about.

    Raises NotPermitted, InvalidInput, WrongState (it is no longer planned), StaleVersion, VersionRequired.
    """
    if not planners(actor, meeting):
        raise NotPermitted(gettext("The chair of a board, or a change manager, plans its meetings."))
    _refuse_odd_times(starts_at, ends_at, at)
    with lifecycle.edit(meeting, actor=actor, version=version) as current:
        if current.status != MeetingStatus.PLANNED:
            raise WrongState(
                gettext("The meeting is %(state)s.") % {"state": current.get_status_display()}, state=current.status
            )
        has_moved = (current.starts_at, current.ends_at) != (starts_at, ends_at)
        current.starts_at, current.ends_at = starts_at, ends_at
        if has_moved:
            current.pre_read_at = None
    if has_moved:
        tell(current, _("%(board)s meets at another time: on %(when)s UTC"))
    return current


def _refuse_odd_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at or ends_at <= at or ends_at - starts_at > _LONGEST or starts_at > at + _FARTHEST:
        raise InvalidInput.about(
            "ends_at", gettext("A meeting ends after it starts, within twelve hours, and begins within a year.")
        )


@MEETING.takes("open")
@transaction.atomic
def open_meeting(meeting: Meeting, *, actor: Actor, at: datetime) -> Meeting:
    """It is in session from now on. Raises NotPermitted and WrongState (another one of the board is in session)."""
    if Meeting.objects.filter(board=meeting.board_id, status=MeetingStatus.IN_SESSION).exclude(pk=meeting.pk).exists():
        raise WrongState(gettext("Another meeting of %(board)s is in session.") % {"board": meeting.board.name})
    with lifecycle.step(meeting, "open", actor=actor) as current:
        current.opened_at, current.chaired_by_id = at, actor.id
    be_present(current, actor=actor, at=at)
    return current


@MEETING.takes("close")
@transaction.atomic
def close_meeting(meeting: Meeting, *, actor: Actor, at: datetime) -> Meeting:
    """It is over; the minutes are written, once. What is open stays on the board's agenda.

    Raises NotPermitted and WrongState.
    """
    with lifecycle.step(meeting, "close", actor=actor) as current:
        current.closed_at = at
    facts = facts_of(current)
    Minutes.objects.create(meeting=current, facts=facts, text=as_text(facts), written_at=at)
    tell(current, _("The minutes of %(board)s of %(when)s UTC are written"))
    return current


@MEETING.takes("cancel")
@transaction.atomic
def cancel_meeting(meeting: Meeting, *, actor: Actor, at: datetime, reason: str = "") -> Meeting:
    """It does not take place, or not to its end. Raises NotPermitted and WrongState."""
    with lifecycle.step(meeting, "cancel", actor=actor, remark=reason) as current:
        current.closed_at = at
    tell(current, _("The meeting of %(board)s on %(when)s UTC is cancelled"), reason)
    return current


@transaction.atomic
def be_present(meeting: Meeting, *, actor: Actor, at: datetime) -> None:
    """Somebody looks at a meeting in session. Asked often; noted once, with the last time. Raises nothing."""
    if meeting.status != MeetingStatus.IN_SESSION or not actor.is_human or actor.id is None:
        return
    Presence.objects.bulk_create(
        [Presence(meeting=meeting, person_id=actor.id, came_at=at, seen_at=at)],
        update_conflicts=True,
        unique_fields=["meeting", "person"],
        update_fields=["seen_at"],
    )
