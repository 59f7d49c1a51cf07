"""Who may vote in a board, about which ask: members with a vote who have no interest in the service."""

from collections.abc import Iterable

from django.db.models import QuerySet

from changes.boards.models import Board, Seat
from changes.boards.vocabulary import VOTING
from changes.change.models import Change, Decision
from itsm.accounts.interest import natural_persons, stakes_in
from itsm.accounts.models import User
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest

KIND = "board"


def members_with_vote(board_id: int) -> frozenset[int]:
    """Active people who vote in this board, with an interest or without."""
    seats = Seat.objects.filter(
        board=board_id, part__in=VOTING, person__is_active=True, person__account_type=User.AccountType.HUMAN
    )
    return frozenset(seats.values_list("person", flat=True))


def interested_in(change: Change) -> frozenset[int]:
    """The people who want something decided about the change's service, this change's own among them."""
    accounts = {stake.account_id for stake in stakes_in([change.service_id])} | change.interested
    return natural_persons(accounts) | change.interested


def voters(approval: ApprovalRequest) -> frozenset[int]:
    """Who may vote about this ask now."""
    change = Change.objects.filter(pk=approval.record_id).first() if approval.record_kind == Change.kind else None
    if change is None or approval.panel_id is None:
        return frozenset()
    return members_with_vote(approval.panel_id) - interested_in(change)


def voting_in(person_id: int) -> "QuerySet[Seat, int]":
    """The boards in which this person has a vote."""
    return Seat.objects.filter(person=person_id, part__in=VOTING).values_list("board", flat=True)


def panel(board: Board, *, role: str, quorum: int, excluded: Iterable[int]) -> Panel:
    """A board as those who are asked; the policy's quorum holds where it is higher than the board's own."""
    return Panel(
        authority=board.name,
        role=role,
        quorum=max(board.quorum, quorum),
        excluded=frozenset(excluded),
        kind=KIND,
        number=board.pk,
        rule=board.rule,
    )


def above(approval: ApprovalRequest) -> Panel | None:
    """The board above, with the policy's quorum where that is higher than its own; None for the highest."""
    board = Board.objects.select_related("above").filter(pk=approval.panel_id or 0).first()
    if board is None or board.above is None or board.above.retired_at is not None:
        return None
    return panel(board.above, role=approval.role, quorum=_by_policy(approval), excluded=approval.excluded)


def _by_policy(approval: ApprovalRequest) -> int:
    """The quorum of the verdict that asks people; where nobody finds it, the one that was asked for."""
    verdicts = Decision.objects.filter(change=approval.record_id).order_by("-id")
    said = verdicts.values_list("verdict__authority__quorum", flat=True).first()
    return said if isinstance(said, int) else approval.quorum
