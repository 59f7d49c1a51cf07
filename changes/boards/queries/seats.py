"""Who may vote in a board, about which ask: members with a vote who have no interest in the service."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from changes.boards.models import Board, Seat
from changes.boards.vocabulary import VOTING
from changes.change.models import Change, Decision
from itsm.accounts.interest import natural_person_of_each, stakes_in_each
from itsm.accounts.models import User
from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.panels import Sitting

KIND = "board"
_OF_INTEREST = ("service", "requested_by", "author", "implementer", "program_owners")  # `interested` is of these


def members_with_vote(board_id: int) -> frozenset[int]:
    """Active people who vote in this board, with an interest or without."""
    return members_of_each([board_id])[board_id]


def members_of_each(board_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The same for many boards. One query."""
    found: dict[int, frozenset[int]] = dict.fromkeys(board_ids, frozenset())
    seats = Seat.objects.filter(
        board__in=list(found), part__in=VOTING, person__is_active=True, person__account_type=User.AccountType.HUMAN
    )
    for board_id, person_id in seats.order_by().values_list("board", "person"):
        found[board_id] |= {person_id}
    return found


def interested_in(change: Change) -> frozenset[int]:
    """The people who want something decided about the change's service, this change's own among them."""
    return interested_in_each([change])[change.pk]


def interested_in_each(changes: Sequence[Change]) -> dict[int, frozenset[int]]:
    """The same for many, by the change's number. Two queries."""
    stakes = stakes_in_each({change.service_id for change in changes})
    accounts = {service_id: frozenset(stake.account_id for stake in those) for service_id, those in stakes.items()}
    person_of = natural_person_of_each({*chain(*accounts.values()), *chain(*(one.interested for one in changes))})

    def people(ids: Iterable[int]) -> frozenset[int]:
        return frozenset(person_of[one] for one in ids if one in person_of)

    behind = {service_id: people(those) for service_id, those in accounts.items()}
    return {one.pk: behind[one.service_id] | people(one.interested) | one.interested for one in changes}


def sitting_of(asks: Sequence[ApprovalRequest]) -> dict[int, Sitting]:
    """Who sits where each of these asks is put to, by its number. Four queries, however many they are."""
    changes = Change.objects.only(*_OF_INTEREST).in_bulk(
        [ask.record_id for ask in asks if ask.record_kind == Change.kind]
    )
    members = members_of_each({ask.panel_id for ask in asks if ask.panel_id is not None})
    interested = interested_in_each(list(changes.values()))
    return {
        ask.pk: Sitting(members[ask.panel_id], interested[ask.record_id])
        for ask in asks
        if ask.panel_id is not None and ask.record_kind == Change.kind and ask.record_id in changes
    }


def with_above(asks: Sequence[ApprovalRequest]) -> set[int]:
    """The numbers of those whose board has another one above that is in use. One query."""
    boards = Board.objects.filter(pk__in={ask.panel_id or 0 for ask in asks}, above__retired_at=None)
    having = set(boards.exclude(above=None).values_list("pk", flat=True))
    return {ask.pk for ask in asks if ask.panel_id in having}


def voting_in(person: Any) -> "QuerySet[Seat, int]":
    """The boards in which this person has a vote; the person by number, or as a part of a statement."""
    return Seat.objects.filter(person=person, part__in=VOTING).values_list("board", flat=True)


def boards_of(person_id: int) -> list[tuple[str, str, int]]:
    """The boards in use in which this person has a vote: slug, name, number."""
    boards = Board.objects.filter(pk__in=voting_in(person_id), retired_at=None)
    return [(one.slug, one.name, one.pk) for one in boards.order_by("name")]


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
