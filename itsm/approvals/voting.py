"""How the votes of a panel become a decision. Pure: votes in order, who may vote, a quorum and a rule go in.

Promise: nothing approves without its quorum of people who may vote; whoever voted twice counts once, as they said
last; asking for it to be discussed, or any dissent, keeps it for the meeting; a decline that stands declines there.
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
    """One vote: `by` is a person."""

    by: int
    vote: Vote


class Tally(NamedTuple):
    """`needed`: the quorum as recusals left it. The people of each kind, as they said last; nobody stands in two."""

    outcome: Outcome
    why: Why
    needed: int
    approved: frozenset[int]
    declined: frozenset[int]
    abstained: frozenset[int]
    recused: frozenset[int]
    discuss: frozenset[int]

    @property
    def counted(self) -> int:
        """Who counts towards the quorum: those who approve or decline."""
        return len(self.approved) + len(self.declined)


def tally(
    votes: Sequence[Cast], eligible: Collection[int], quorum: int, rule: Rule, *, above: bool, in_meeting: bool = False
) -> Tally:
    """`above`: another panel decides where too few are left here. `in_meeting`: the chair closes the item now.

    A recusal lowers the quorum, to one at the least, only where too few are left for it and nobody stands above.
    """
    may = frozenset(eligible)
    last = {cast.by: cast.vote for cast in votes if cast.by in may}

    def those(vote: Vote) -> frozenset[int]:
        return frozenset(person for person, said in last.items() if said is vote)

    recused = those(Vote.RECUSE)
    left = len(may) - len(recused)
    needed = quorum if left >= quorum else max(1, quorum - len(recused))
    kinds = (those(Vote.APPROVE), those(Vote.DECLINE), those(Vote.ABSTAIN), recused, those(Vote.DISCUSS))
    if left < quorum and above:
        return Tally(Outcome.ESCALATE, Why.TOO_FEW, quorum, *kinds)
    approved, declined, _abstained, _recused, discuss = kinds
    if left < needed:
        return Tally(Outcome.OPEN, Why.TOO_FEW, needed, *kinds)
    has_quorum = len(approved) + len(declined) >= needed
    if in_meeting:
        return Tally(*_in_meeting(len(approved), len(declined), has_quorum, rule), needed, *kinds)
    if declined:
        return Tally(Outcome.OPEN, Why.DISSENT, needed, *kinds)
    if discuss:
        return Tally(Outcome.OPEN, Why.DISCUSS, needed, *kinds)
    if not has_quorum:
        return Tally(Outcome.OPEN, Why.NO_QUORUM, needed, *kinds)
    return Tally(Outcome.APPROVED, Why.AGREED, needed, *kinds)


def _in_meeting(approvals: int, declines: int, has_quorum: bool, rule: Rule) -> tuple[Outcome, Why]:
    """A decline that stands needs no quorum where the rule is that nobody is against."""
    if rule is Rule.NONE_AGAINST and declines:
        return Outcome.DECLINED, Why.DECLINED
    if not has_quorum:
        return Outcome.OPEN, Why.NO_QUORUM
    if approvals > declines:
        return Outcome.APPROVED, Why.AGREED
    return Outcome.DECLINED, Why.DECLINED
