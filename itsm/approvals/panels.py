"""Panels: named people who decide together by votes. What they are, an app above says (`seats`, in `ready()`).

An ask without a panel is answered by whoever holds its role; an ask of a panel by its voters alone, whatever their
roles: administrators and stand-ins have no seat there.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.voting import Cast, Rule, Tally, Vote, tally


class Seats(NamedTuple):
    """Of many asks in one go, so that a long agenda asks no more of the database than a short one.

    `voters_of(asks)`: by the ask's number, the people who may vote about it now, without interest; `with_above(asks)`:
    the numbers of those that another panel stands above; `of(person_id)`: the panels they vote in; `above(ask)`: who is
    asked where too few are left, None for nobody.
    """

    voters_of: Callable[[Sequence[ApprovalRequest]], Mapping[int, Collection[int]]]
    with_above: Callable[[Sequence[ApprovalRequest]], Collection[int]]
    of: "Callable[[int], QuerySet[Any, int]]"
    above: Callable[[ApprovalRequest], Panel | None]


_seats: dict[str, Seats] = {}


def seats(kind: str, those: Seats) -> None:
    """Say who sits in panels of this kind. Called once per kind, at start."""
    _seats[kind] = those


def voters(approval: ApprovalRequest) -> frozenset[int]:
    """Who may vote about this ask now; nobody where the kind of panel is unknown."""
    return voters_of([approval])[approval.pk]


def voters_of(asks: Sequence[ApprovalRequest]) -> dict[int, frozenset[int]]:
    """The same for many, by the ask's number."""
    found: dict[int, frozenset[int]] = {ask.pk: frozenset() for ask in asks}
    for known, those in _by_kind(asks):
        may = known.voters_of(those)
        found |= {ask.pk: frozenset(may.get(ask.pk, ())) - frozenset(ask.excluded) for ask in those}
    return found


def above(approval: ApprovalRequest) -> Panel | None:
    """Who is asked where too few are left; None where nobody stands above."""
    known = _seats.get(approval.panel_kind)
    return known.above(approval) if known else None


def seats_of(person_id: int) -> "dict[str, QuerySet[Any, int]]":
    """The numbers of the panels that this person votes in, by kind: part of whatever statement asks for them."""
    return {kind: known.of(person_id) for kind, known in _seats.items()}


def count(approval: ApprovalRequest, *, in_meeting: bool = False) -> Tally:
    """The votes about an ask of a panel as they stand."""
    return counts([approval], in_meeting=in_meeting)[approval.pk]


def counts(asks: Sequence[ApprovalRequest], *, in_meeting: bool = False) -> dict[int, Tally]:
    """The same for many, by the ask's number; as many queries as for one."""
    may, votes = voters_of(asks), _votes(asks)
    with_above = {pk for known, those in _by_kind(asks) for pk in known.with_above(those)}
    return {
        ask.pk: tally(
            votes[ask.pk], may[ask.pk], ask.quorum, Rule(ask.rule), above=ask.pk in with_above, in_meeting=in_meeting
        )
        for ask in asks
    }


def _by_kind(asks: Sequence[ApprovalRequest]) -> list[tuple[Seats, list[ApprovalRequest]]]:
    kinds = dict.fromkeys(ask.panel_kind for ask in asks)
    return [(_seats[kind], [ask for ask in asks if ask.panel_kind == kind]) for kind in kinds if kind in _seats]


def _votes(asks: Sequence[ApprovalRequest]) -> dict[int, list[Cast]]:
    cast = ApprovalDecision.objects.filter(ask__in=asks).order_by("id").values_list("ask_id", "by_id", "decision")
    found: dict[int, list[Cast]] = defaultdict(list)
    for ask_id, by, decision in cast:
        found[ask_id].append(Cast(by, Vote(decision)))
    return found
