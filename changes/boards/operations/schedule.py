"""A board's standing schedule: its next meetings are planned ahead, each once, and people hear in time what of.

Promise: what somebody moved or cancelled stays so, however often this runs; a mail opens a page and decides nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext

from changes.boards.models import Board, Meeting
from changes.boards.operations.telling import tell
from changes.boards.queries.agenda import agenda
from changes.boards.vocabulary import MeetingStatus
from changes.calendar.operations.occurring import times_of
from changes.calendar.rules.recurrence import Period, periods
from changes.calendar.rules.recurrence_rule import read_rule
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one

SCHEDULE = ("rrule", "zone", "first_meeting", "meeting_minutes")
AHEAD = timedelta(days=35)
PRE_READ = timedelta(days=1)
_LEAST_MINUTES, _MOST_MINUTES = 5, 720
_MOST_TOLD = 20
_ITSELF = Actor.system("standing schedule")
# As the calendar calls them, whose rules these are -> as a board does.
_FIELDS = {"starts_at": "first_meeting", "ends_at": "meeting_minutes"}


def schedule_of(board: Board) -> tuple[Any, ...]:
    """What says when it meets."""
    return tuple(getattr(board, name) for name in SCHEDULE)


def refuse_odd_schedule(board: Board, at: datetime) -> None:
    """Raise InvalidInput, about the field, for what no calendar would take, or what is said in part."""
    said = [board.rrule, board.zone, board.first_meeting, board.meeting_minutes]
    if not any(said):
        return
    if board.first_meeting is None or not board.rrule:
        missing = "rrule" if not board.rrule else "first_meeting"
        raise InvalidInput.about(
            missing, gettext("A standing schedule says by what rule, in what zone, from when on and for how long.")
        )
    if board.meeting_minutes is None or not _LEAST_MINUTES <= board.meeting_minutes <= _MOST_MINUTES:
        raise InvalidInput.about("meeting_minutes", gettext("A meeting lasts from five minutes to twelve hours."))
    lasts = timedelta(minutes=board.meeting_minutes)
    try:
        times_of(board.rrule, board.zone, board.first_meeting, board.first_meeting + lasts, at)
    except InvalidInput as odd:
        named = {_FIELDS.get(field, field): sentences for field, sentences in odd.errors.items()}
        raise InvalidInput(odd.detail, named) from odd


def plan_all_ahead(at: datetime) -> int:
    """Every board's next meetings. Safe to run twice, and beside itself. Returns how many were planned."""
    boards = Board.objects.filter(retired_at=None).exclude(rrule="").order_by("pk")
    return one_by_one(boards, lambda board: plan_ahead(board, at), what="meetings by the schedules of boards")


@transaction.atomic
def plan_ahead(board: Board, at: datetime) -> int:
    """Plan what the schedule says of the next five weeks and nobody has planned yet; the members are invited once.

    Raises nothing. Returns how many.
    """
    current = lifecycle.locked(board)
    if current.retired_at is not None:
        return 0
    known = set(current.meetings.exclude(scheduled_for=None).values_list("scheduled_for", flat=True))
    new = [one for one in _coming(current, at) if one.starts_at not in known]
    for starts_at, ends_at in new:
        meeting = Meeting.objects.create(board=current, starts_at=starts_at, ends_at=ends_at, scheduled_for=starts_at)
        said = {"board": [None, current.slug], "starts_at": [None, starts_at]}
        lifecycle.created(meeting, actor=_ITSELF, changes=said, at=at)
    if new:
        first = current.meetings.get(scheduled_for=new[0].starts_at)
        when = "\n".join(f"{one.starts_at:%Y-%m-%d %H:%M} UTC" for one in new)
        tell(first, _("%(board)s meets on %(when)s UTC"), when if len(new) > 1 else "")
    return len(new)


def _coming(board: Board, at: datetime) -> Iterator[Period]:
    if not board.rrule or board.first_meeting is None or board.meeting_minutes is None:
        return
    zone, lasts = ZoneInfo(board.zone), timedelta(minutes=board.meeting_minutes)
    first = board.first_meeting.astimezone(zone).replace(tzinfo=None)
    for one in periods(read_rule(board.rrule), zone, first, lasts, at + AHEAD, 100_000):
        if one.starts_at > at:
            yield one


@transaction.atomic
def plan_anew(board: Board, *, actor: Actor, at: datetime) -> None:
    """What the schedule no longer says is called off, unless somebody moved it; what it says now is planned.

    Raises nothing.
    """
    wanted, changed = {one.starts_at for one in _coming(board, at)}, gettext("The board's schedule has changed.")
    _call_off([one for one in _planned(board, at) if one.starts_at not in wanted], changed, actor, at)
    plan_ahead(board, at)


def call_off(board: Board, *, actor: Actor, at: datetime) -> None:
    """Of a board that is retired no meeting is planned any longer. Raises nothing."""
    _call_off(list(board.meetings.filter(status=MeetingStatus.PLANNED)), gettext("The board is retired."), actor, at)


def _planned(board: Board, at: datetime) -> list[Meeting]:
    """By the schedule and where it put them."""
    coming = board.meetings.filter(status=MeetingStatus.PLANNED, starts_at__gt=at).exclude(scheduled_for=None)
    return [one for one in coming if one.starts_at == one.scheduled_for]


def _call_off(meetings: list[Meeting], why: str, actor: Actor, at: datetime) -> None:
    for meeting in meetings:
        with lifecycle.step(meeting, "cancel", actor=actor, remark=why) as current:
            current.closed_at = at
            current.scheduled_for = None  # should the schedule say so again, it is planned again
        tell(current, _("The meeting of %(board)s on %(when)s UTC is cancelled"), why)


def send_pre_reads(at: datetime) -> int:
    """A day before each meeting its people are told what it is about. Safe to run twice. Returns how many meetings."""
    due = Meeting.objects.filter(
        status=MeetingStatus.PLANNED, pre_read_at=None, starts_at__gt=at, starts_at__lte=at + PRE_READ
    )
    soon = list(due.order_by("pk").values_list("pk", flat=True))
    return one_by_one(soon, lambda pk: _pre_read(pk, at), what="pre-reads of meetings")


@transaction.atomic
def _pre_read(pk: int, at: datetime) -> int:
    free = Meeting.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("board")
    meeting = free.filter(pk=pk, status=MeetingStatus.PLANNED, pre_read_at=None).first()
    if meeting is None:
        return 0
    meeting.pre_read_at = at
    meeting.save(update_fields=["pre_read_at"])
    items = agenda(meeting)
    lines = [f"{one.place}. {one.change.reference} {one.change.summary}\n   {one.why}" for one in items[:_MOST_TOLD]]
    if len(items) > _MOST_TOLD:
        lines.append(gettext("and %(count)d more") % {"count": len(items) - _MOST_TOLD})
    lines.append(gettext("Vote before the meeting: what nobody is against leaves its agenda."))
    tell(meeting, _("Before %(board)s meets on %(when)s UTC: what it is asked"), "\n".join(lines))
    return 1
