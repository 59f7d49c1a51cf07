"""What a board is asked: open asks, and those settled in a time; with the change that each is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from changes.boards.models import Board
from changes.boards.queries.seats import KIND
from changes.change.models import Change
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.errors import NotFound

ANSWERS = ("answers__by", "answers__in_place_of")


class Asked(NamedTuple):
    """One ask with its change."""

    ask: ApprovalRequest
    change: Change


def of_board(board: Board) -> QuerySet[ApprovalRequest]:
    """Every ask that this board was given about a change."""
    return ApprovalRequest.objects.filter(panel_kind=KIND, panel_id=board.pk, record_kind=Change.kind)


def open_of(board: Board, *, answers: bool = False) -> list[Asked]:
    """What it is asked now, the oldest first; with the `answers` to each."""
    asks = of_board(board).filter(status=ApprovalRequest.Status.OPEN).order_by("id")
    return with_changes(asks.prefetch_related(*ANSWERS) if answers else asks)


def dealt_with(board: Board, since: datetime | None, until: datetime) -> list[Asked]:
    """What was settled, went on to another board or ended in (since, until], and what is open still."""
    over = Q(decided_at__lte=until, **({"decided_at__gt": since} if since else {}))
    asks = of_board(board).filter(over | Q(status=ApprovalRequest.Status.OPEN)).order_by("id")
    return with_changes(asks.prefetch_related(*ANSWERS))


def with_changes(asks: QuerySet[ApprovalRequest]) -> list[Asked]:
    """Two queries."""
    found: Sequence[ApprovalRequest] = list(asks)
    changes = Change.objects.select_related("service").in_bulk([ask.record_id for ask in found])
    return [Asked(ask, changes[ask.record_id]) for ask in found if ask.record_id in changes]


def settled_words(asked: Asked) -> str:
    """What became of it, in a sentence; for those whose word comes too late."""
    said = {"change": asked.change.reference, "state": asked.ask.get_status_display()}
    return gettext("%(change)s is settled: %(state)s.") % said


def ask_about_change(ask_id: int) -> Asked:
    """The ask about a change with this number, whoever is asked; NotFound for every other."""
    ask = ApprovalRequest.objects.filter(pk=ask_id, record_kind=Change.kind).first()
    change = Change.objects.select_related("service").filter(pk=ask.record_id).first() if ask else None
    if ask is None or change is None:
        raise NotFound(gettext("Nobody is asked under this number."))
    return Asked(ask, change)


def ask_of_board(ask_id: int) -> Asked:
    """The ask of some board with this number, settled or not; NotFound for every other."""
    ask = ApprovalRequest.objects.filter(pk=ask_id, panel_kind=KIND, record_kind=Change.kind).first()
    change = Change.objects.select_related("service").filter(pk=ask.record_id).first() if ask else None
    if ask is None or change is None:
        raise NotFound(gettext("No board is asked under this number."))
    return Asked(ask, change)
