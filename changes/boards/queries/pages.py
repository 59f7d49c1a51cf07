"""What the pages of boards and meetings show."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext

from changes.boards.models import Board, Meeting
from changes.boards.permissions import chairs
from changes.boards.queries.agenda import Entry, agenda, entries
from changes.boards.queries.asks import ANSWERS, Asked, of_board, open_of, settled_words, with_changes
from changes.boards.queries.minutes import as_shown
from changes.boards.queries.seats import KIND
from changes.boards.vocabulary import MeetingStatus
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted

_NEWEST = 20


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A board with how many asks wait for it, and its next meeting."""

    board: Board
    open: int
    next: Meeting | None


def board_rows() -> list[BoardRow]:
    """Every board, those in use first. Four queries."""
    boards = list(Board.objects.prefetch_related("seats__person", "services").order_by("retired_at", "name"))
    asks = ApprovalRequest.objects.filter(panel_kind=KIND, status=ApprovalRequest.Status.OPEN)
    counted = dict(asks.order_by().values_list("panel_id").annotate(Count("pk")))
    coming = Meeting.objects.filter(status__in=(MeetingStatus.PLANNED, MeetingStatus.IN_SESSION)).order_by("-starts_at")
    following = {meeting.board_id: meeting for meeting in coming}
    return [BoardRow(board, counted.get(board.pk, 0), following.get(board.pk)) for board in boards]


def board_called(slug: str) -> Board:
    """The board of this slug, or NotFound."""
    rows = Board.objects.select_related("above").prefetch_related("seats__person", "services", "teams")
    board = rows.filter(slug=slug).first()
    if board is None:
        raise NotFound(gettext("There is no board %(slug)s.") % {"slug": slug[:63]})
    return board


def meeting_numbered(pk: int) -> Meeting:
    """The meeting of this number, or NotFound."""
    rows = Meeting.objects.select_related("board", "chaired_by", "minutes")
    meeting = rows.prefetch_related("board__seats__person", "presences__person").filter(pk=pk).first()
    if meeting is None:
        raise NotFound(gettext("There is no meeting %(number)d.") % {"number": pk})
    return meeting


def meetings_of(board: Board) -> list[Meeting]:
    """The newest ones."""
    return list(board.meetings.select_related("minutes")[:_NEWEST])


def waiting_for(board: Board) -> list[Entry]:
    """What it is asked, the most pressing first."""
    return entries(open_of(board), {})


def later_meetings(meeting: Meeting) -> QuerySet[Meeting]:
    """Those to which an item can be put off."""
    return Meeting.objects.filter(
        Q(board=meeting.board_id, status=MeetingStatus.PLANNED, starts_at__gt=meeting.starts_at)
    ).order_by("starts_at")


def meeting_page(meeting: Meeting, actor: Actor, chosen: int | None, at: datetime) -> dict[str, Any]:
    """The agenda, the item that is looked at, and what this person may do about it."""
    items = agenda(meeting)
    here = next((one for one in items if one.ask.pk == chosen), None) or _off_the_agenda(meeting, chosen)
    if here is None and items:
        here = items[0]
    if here is not None:
        prefetch_related_objects([here.ask], *ANSWERS)
    following = next((one for one in items if here is not None and one.place > here.place), None)
    return {
        "meeting": meeting,
        "mark": mark_of(meeting, at),
        "agenda": items,
        "here": here,
        "following": following,
        "why_not": why_not(here, actor) if here is not None else "",
        "leads": chairs(actor, meeting),
        "said": as_shown(meeting.minutes.facts) if getattr(meeting, "minutes", None) else None,
    }


def _off_the_agenda(meeting: Meeting, chosen: int | None) -> Entry | None:
    """What somebody still looks at, settled or put off since: never another item under their hands."""
    if chosen is None:
        return None
    found = entries(
        with_changes(of_board(meeting.board).filter(pk=chosen)),
        {item.ask_id: item for item in meeting.items.filter(ask=chosen)},
    )
    return replace(found[0], place=0) if found else None


def mark_of(meeting: Meeting, at: datetime) -> str:
    """Another one once the live part of its page has become another; a page that knows it is not drawn again.

    What moves without a vote, such as an interest that somebody takes, is seen with the next minute. Three queries.
    """
    asks = of_board(meeting.board).filter(status=ApprovalRequest.Status.OPEN)
    votes = asks.aggregate(Count("pk", distinct=True), Max("pk"), Max("answers"))
    items = meeting.items.order_by("ask").values_list("ask", "place", "deferred_to")
    there = meeting.presences.count()
    said = (meeting.status, meeting.version, sorted(votes.items()), list(items), there, f"{at:%H:%M}")
    return sha256(repr(said).encode()).hexdigest()[:16]


def why_not(entry: Entry, actor: Actor) -> str:
    """Why this person has no vote here; empty where they have one."""
    if entry.ask.status != ApprovalRequest.Status.OPEN:
        return settled_words(Asked(entry.ask, entry.change))
    try:
        refuse_unless_asked(entry.ask, actor, entry.change.reference)
    except NotPermitted as refused:
        return refused.detail
    return ""
