"""Panels: named people who decide together by votes. What they are, an app above says (`seats`, in `ready()`).

An ask without a panel is answered by whoever holds its role; an ask of a panel by its voters alone, whatever their
roles: administrators and stand-ins have no seat there.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.db.models import QuerySet

from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.voting import Cast, Rule, Tally, Vote, tally


class Seats(NamedTuple):
    """`voters(ask)`: the people who may vote about it now, without interest; `of(person_id)`: the panels they vote in.

    `above(ask)`: who is asked where too few are left, None for nobody.
    """

    voters: Callable[[ApprovalRequest], Collection[int]]
    of: "Callable[[int], QuerySet[Any, int]]"
    above: Callable[[ApprovalRequest], Panel | None]


_seats: dict[str, Seats] = {}


def seats(kind: str, those: Seats) -> None:
    """Say who sits in panels of this kind. Called once per kind, at start."""
    _seats[kind] = those


def voters(approval: ApprovalRequest) -> frozenset[int]:
    """Who may vote about this ask now; nobody where the kind of panel is unknown."""
    known = _seats.get(approval.panel_kind)
    return frozenset(known.voters(approval)) - frozenset(approval.excluded) if known else frozenset()


def above(approval: ApprovalRequest) -> Panel | None:
    """Who is asked where too few are left; None where nobody stands above."""
    known = _seats.get(approval.panel_kind)
    return known.above(approval) if known else None


def seats_of(person_id: int) -> "dict[str, QuerySet[Any, int]]":
    """The numbers of the panels that this person votes in, by kind: part of whatever statement asks for them."""
    return {kind: known.of(person_id) for kind, known in _seats.items()}


def count(approval: ApprovalRequest, *, in_meeting: bool = False) -> Tally:
    """The votes about an ask of a panel as they stand."""
    votes = [Cast(one.by_id, Vote(one.decision)) for one in approval.answers.order_by("id")]
    return tally(
        votes,
        voters(approval),
        approval.quorum,
        Rule(approval.rule),
        above=above(approval) is not None,
        in_meeting=in_meeting,
    )
