"""How the votes of a panel become a decision. Pure: votes in order, who may vote, a quorum and a rule go in.

Promise: nothing approves without its quorum of people who may vote; whoever voted twice counts once, as they said
last, and a member with their substitute is one seat; asking for it to be discussed, or any dissent, keeps it for the
meeting; a decline that stands declines there. The stricter word goes on counting when who said it gets an interest, or
leaves, later: only the kinder one needs somebody without. It does not help to a quorum.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple


class Vote(StrEnum):
    """Approve and decline count; abstain does not; recuse leaves those who may vote; discuss keeps it for a meeting."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABSTAIN = "abstain"
    RECUSE = "recuse"
    DISCUSS = "discuss"


class Rule(StrEnum):
    """What a meeting decides by. Before it, both settle only what reached its quorum without dissent."""

    NONE_AGAINST = "none_against"
    MAJORITY = "majority"


class Outcome(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    ESCALATE = "escalate"


class Why(StrEnum):
    """The one reason for an outcome, the most important first where there are several."""

    AGREED = "agreed"
    DECLINED = "declined"
    DISSENT = "dissent"
    DISCUSS = "discuss"
    NO_QUORUM = "no_quorum"
    TOO_FEW = "too_few"


class Cast(NamedTuple):
    """One vote: `by` is a person; `seat` the member in whose place they voted, None for their own."""

    by: int
    vote: Vote
    seat: int | None = None


class Tally(NamedTuple):
    """`needed`: the quorum as recusals left it; `counted`: who may vote still and approves or declines.

    The people of each kind, as they said last; nobody stands in two.
    """

    outcome: Outcome
    why: Why
    needed: int
    counted: int
    approved: frozenset[int]
    declined: frozenset[int]
    abstained: frozenset[int]
    recused: frozenset[int]
    discuss: frozenset[int]


_STRICTER = (Vote.DECLINE, Vote.DISCUSS)
HELD = (*_STRICTER, Vote.RECUSE)  # of a member's own, no substitute takes it back


def tally(
    votes: Sequence[Cast],
    eligible: Collection[int],
    quorum: int,
    rule: Rule,
    *,
    above: bool,
    in_meeting: bool = False,
    barred: Collection[int] = (),
) -> Tally:
    """`above`: another panel decides where too few are left here. `in_meeting`: the chair closes the item now.

    `eligible`: the members whose seats count; `barred`: substitutes who have an interest by now.

    A recusal lowers the quorum, to one at the least, only where too few are left for it and nobody stands above.
    """
    may = frozenset(eligible)
    seats = _last_words(votes)
    valid = {cast.by for seat, cast in seats.items() if seat in may and cast.by not in barred}

    def those(vote: Vote) -> frozenset[int]:
        said = frozenset(cast.by for cast in seats.values() if cast.vote is vote)
        return said if vote in _STRICTER else said & valid

    kinds = (those(Vote.APPROVE), those(Vote.DECLINE), those(Vote.ABSTAIN), those(Vote.RECUSE), those(Vote.DISCUSS))
    approved, declined, _abstained, recused, discuss = kinds
    left = len(may) - len(recused)
    needed = quorum if left >= quorum else max(1, quorum - len(recused))
    counted = len(approved) + len(declined & valid)
    if left < quorum and above:
        return Tally(Outcome.ESCALATE, Why.TOO_FEW, quorum, counted, *kinds)
    if left < needed:
        return Tally(Outcome.OPEN, Why.TOO_FEW, needed, counted, *kinds)
    has_quorum = counted >= needed
    if in_meeting:
        return Tally(*_in_meeting(len(approved), len(declined), has_quorum, rule), needed, counted, *kinds)
    return Tally(*_before_meeting(bool(declined), bool(discuss), has_quorum), needed, counted, *kinds)


def _last_words(votes: Sequence[Cast]) -> dict[int, Cast]:
    """By seat, what was said last. Each person has one voice, the last one.

    A substitute replaces no decline, recusal or wish to discuss of the member's own; the member replaces everything.
    """
    last = {cast.by: cast for cast in votes}
    seats: dict[int, Cast] = {}
    for cast in votes:
        if last[cast.by] is cast:
            seat = cast.by if cast.seat is None else cast.seat
            before = seats.get(seat)
            is_held = before is not None and before.by == seat and before.vote in HELD
            if cast.by == seat or not is_held:
                seats[seat] = cast
    return seats


def _before_meeting(dissent: bool, discuss: bool, has_quorum: bool) -> tuple[Outcome, Why]:
    """Only a quorum of one mind settles it."""
    if dissent:
        return Outcome.OPEN, Why.DISSENT
    if discuss:
        return Outcome.OPEN, Why.DISCUSS
    return (Outcome.APPROVED, Why.AGREED) if has_quorum else (Outcome.OPEN, Why.NO_QUORUM)


def _in_meeting(approvals: int, declines: int, has_quorum: bool, rule: Rule) -> tuple[Outcome, Why]:
    """A decline that stands needs no quorum where the rule is that nobody is against."""
    if rule is Rule.NONE_AGAINST and declines:
        return Outcome.DECLINED, Why.DECLINED
    if not has_quorum:
        return Outcome.OPEN, Why.NO_QUORUM
    return (Outcome.APPROVED, Why.AGREED) if approvals > declines else (Outcome.DECLINED, Why.DECLINED)
