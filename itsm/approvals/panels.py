"""Panels: named people who decide together by votes. What they are, an app above says (`seats`, in `ready()`).

An ask without a panel is answered by whoever holds its role; an ask of a panel by its voters alone, whatever their
roles: administrators and stand-ins have no seat there. A member's substitute votes for the member's seat.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from itsm.approvals.asked import Panel
from itsm.approvals.models import ApprovalDecision, ApprovalRequest, Delegation
from itsm.approvals.standing_in import bound_by, delegations_of_each, seats_by_delegate
from itsm.approvals.voting import Cast, Rule, Tally, Vote, tally
from itsm.kernel.actors import Role


class Sitting(NamedTuple):
    """Of one ask: the members with a vote, and the people who want something decided about what it is about."""

    members: Collection[int]
    interested: Collection[int]


class Seats(NamedTuple):
    """Of many asks in one go, so that a long agenda asks no more of the database than a short one.

    `sitting_of(asks)`: by the ask's number, who sits; `with_above(asks)`: the numbers of those that another panel
    stands above; `of(person)`: the panels they vote in, the person by number or as a part of a statement; `above(ask)`:
    who is asked where too few are left, None for nobody; `named(person_id)`: those panels as (slug, name, number);
    `keepers`: the roles whose duty it is to say who sits there.
    """

    sitting_of: Callable[[Sequence[ApprovalRequest]], Mapping[int, Sitting]]
    with_above: Callable[[Sequence[ApprovalRequest]], Collection[int]]
    of: "Callable[[Any], QuerySet[Any, int]]"
    above: Callable[[ApprovalRequest], Panel | None]
    named: Callable[[int], Sequence[tuple[str, str, int]]]
    keepers: Collection[Role]


class Voters(NamedTuple):
    """Who votes about an ask now: the members whose seats count, substitutes with the member whose seat they use, and
    who is barred by an interest, their own or of somebody in whose place they decide.
    """

    seats: frozenset[int]
    substitutes: Mapping[int, int]
    barred: frozenset[int]

    @property
    def people(self) -> frozenset[int]:
        """Everybody who may vote."""
        return self.seats | frozenset(self.substitutes)


_NOBODY = Voters(frozenset(), {}, frozenset())
_seats: dict[str, Seats] = {}


def seats(kind: str, those: Seats) -> None:
    """Say who sits in panels of this kind. Called once per kind, at start."""
    _seats[kind] = those


def voters(approval: ApprovalRequest) -> frozenset[int]:
    """Who may vote about this ask now; nobody where the kind of panel is unknown."""
    return sitting(approval).people


def sitting(approval: ApprovalRequest) -> Voters:
    """The same by seat."""
    return sitting_of([approval])[approval.pk]


def sitting_of(asks: Sequence[ApprovalRequest]) -> dict[int, Voters]:
    """The same for many asks, by their number; as many queries as for one."""
    found = dict.fromkeys((ask.pk for ask in asks), _NOBODY)
    delegations = delegations_of_each([ask for ask in asks if ask.panel_kind])
    for known, those in _by_kind(asks):
        sitting = known.sitting_of(those)
        found |= {ask.pk: _voters(ask, sitting[ask.pk], delegations[ask.pk]) for ask in those if ask.pk in sitting}
    return found


def _voters(ask: ApprovalRequest, those: Sitting, delegations: Sequence[Delegation]) -> Voters:
    interested = {*ask.excluded, *those.interested}
    barred = frozenset(interested | bound_by(delegations, interested))
    able = frozenset(those.members) - interested
    substitutes = seats_by_delegate(delegations, able - barred)  # a seat that does not count is used by nobody
    may = {one: seat for one, seat in substitutes.items() if one not in barred and one not in those.members}
    return Voters(able - barred, may, barred)


def voters_of(panel: Panel, record_kind: str, members: Collection[int]) -> Voters:
    """Who would vote in it, were it asked about such a record now; one query."""
    ask = ApprovalRequest(
        record_kind=record_kind, panel_kind=panel.kind, panel_id=panel.number, excluded=list(panel.excluded)
    )
    return _voters(ask, Sitting(members, panel.excluded), delegations_of_each([ask])[ask.pk])


def keepers_of(approval: ApprovalRequest) -> Collection[Role]:
    """Whose duty it is to say who answers such an ask: those who keep its panel, or who keep accounts."""
    known = _seats.get(approval.panel_kind)
    return known.keepers if known else (Role.ADMIN,)


def above(approval: ApprovalRequest) -> Panel | None:
    """Who is asked where too few are left; None where nobody stands above."""
    known = _seats.get(approval.panel_kind)
    return known.above(approval) if known else None


def seats_of(person: Any) -> "dict[str, QuerySet[Any, int]]":
    """The numbers of the panels that this person votes in, by kind: part of whatever statement asks for them.

    `person`: by number, or as that statement names them.
    """
    return {kind: known.of(person) for kind, known in _seats.items()}


def count(approval: ApprovalRequest, *, in_meeting: bool = False) -> Tally:
    """The votes about an ask of a panel as they stand."""
    return counts([approval], in_meeting=in_meeting)[approval.pk]


def counts(asks: Sequence[ApprovalRequest], *, in_meeting: bool = False) -> dict[int, Tally]:
    """The same for many, by the ask's number; as many queries as for one."""
    may, votes = sitting_of(asks), _votes(asks)
    with_above = {pk for known, those in _by_kind(asks) for pk in known.with_above(those)}
    return {
        ask.pk: tally(
            votes[ask.pk],
            may[ask.pk].seats,
            ask.quorum,
            Rule(ask.rule),
            above=ask.pk in with_above,
            in_meeting=in_meeting,
            barred=may[ask.pk].barred,
        )
        for ask in asks
    }


def _by_kind(asks: Sequence[ApprovalRequest]) -> list[tuple[Seats, list[ApprovalRequest]]]:
    kinds = dict.fromkeys(ask.panel_kind for ask in asks)
    return [(_seats[kind], [ask for ask in asks if ask.panel_kind == kind]) for kind in kinds if kind in _seats]


def _votes(asks: Sequence[ApprovalRequest]) -> dict[int, list[Cast]]:
    cast = ApprovalDecision.objects.filter(ask__in=asks).order_by("id")
    found: dict[int, list[Cast]] = defaultdict(list)
    for ask_id, by, decision, seat in cast.values_list("ask_id", "by_id", "decision", "in_place_of_id"):
        found[ask_id].append(Cast(by, Vote(decision), seat))
    return found


def named(person_id: int) -> list[tuple[str, str, str, int]]:
    """The panels that this person votes in: kind, slug, name, number."""
    return [(kind, *each) for kind, known in _seats.items() for each in known.named(person_id)]
