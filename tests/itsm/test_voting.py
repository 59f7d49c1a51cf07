"""The votes of a panel, against a reference of thirty lines that was written from the words of the rule alone."""

import random
from typing import Any

import pytest

from itsm.approvals.voting import Cast, Outcome, Rule, Vote, Why, tally

A, D, N, R, T = Vote.APPROVE, Vote.DECLINE, Vote.ABSTAIN, Vote.RECUSE, Vote.DISCUSS


def reference(
    votes: list[Cast], eligible: set[int], quorum: int, rule: Rule, above: bool, in_meeting: bool
) -> tuple[str, int]:
    """The outcome and the needed quorum, one person after the other."""
    left, out, ayes, noes, talk = 0, 0, 0, 0, 0
    for person in sorted(eligible):
        said = None
        for cast in votes:
            if cast.by == person:
                said = cast.vote
        if said == "recuse":
            out += 1
            continue
        left += 1
        ayes += said == "approve"
        noes += said == "decline"
        talk += said == "discuss"
    needed = quorum
    if left < quorum:
        if above:
            return "escalate", quorum
        needed = quorum - out if quorum - out > 1 else 1
        if left < needed:
            return "open", needed
    if not in_meeting:
        return ("open" if noes or talk or ayes < needed else "approved"), needed
    if noes and rule == "none_against":
        return "declined", needed
    if ayes + noes < needed:
        return "open", needed
    return ("approved" if ayes > noes else "declined"), needed


def drawn(dice: random.Random) -> dict[str, Any]:
    """People in and out of the panel, votes changed, given twice and by strangers."""
    eligible = set(dice.sample(range(8), dice.randint(0, 6)))
    votes = [Cast(dice.randrange(9), dice.choice((A, A, A, D, N, R, T))) for _ in range(dice.randint(0, 12))]
    return {
        "votes": votes + dice.sample(votes, min(len(votes), dice.randint(0, 2))), "eligible": eligible,
        "quorum": dice.randint(1, 4), "rule": dice.choice(list(Rule)), "above": dice.random() < 0.5,
        "in_meeting": dice.random() < 0.4,
    }  # fmt: skip


def differing(sequences: int, seed: int) -> list[dict[str, Any]]:
    dice, found = random.Random(seed), []
    for case in (drawn(dice) for _ in range(sequences)):
        got = tally(**case)
        if (got.outcome.value, got.needed) != reference(**case):
            found.append(case)
    return found


def test_a_thousand_sequences_of_votes_agree_with_the_reference() -> None:
    assert differing(1_000, 11) == []


@pytest.mark.heavy
def test_ten_thousand_sequences_of_votes_agree_with_the_reference() -> None:
    assert differing(10_000, 12) == []


# fmt: off
ROWS = [
    # votes                           eligible   quorum  rule               above  meeting  outcome             why
    ([],                              {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(1, A), (2, A)],                {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(1, A), (1, A)],                {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(1, A), (9, A)],                {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(1, A), (2, N)],                {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(1, D), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISSENT),
    ([(1, D), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, True,  Outcome.DECLINED, Why.DECLINED),
    ([(1, D), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.MAJORITY,     False, True,  Outcome.APPROVED, Why.AGREED),
    ([(1, D), (2, A)],                {1, 2, 3}, 2, Rule.MAJORITY,     False, True,  Outcome.DECLINED, Why.DECLINED),
    ([(1, T), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISCUSS),
    ([(1, T), (2, A), (1, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(1, R), (2, A)],                {1, 2},    2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(1, R), (2, A)],                {1, 2},    2, Rule.NONE_AGAINST, True,  False, Outcome.ESCALATE, Why.TOO_FEW),
    ([(1, R)],                        {1},       1, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.TOO_FEW),
    ([(1, A)],                        {1},       2, Rule.NONE_AGAINST, False, True,  Outcome.OPEN,     Why.TOO_FEW),
]
# fmt: on


@pytest.mark.parametrize(("votes", "eligible", "quorum", "rule", "above", "in_meeting", "outcome", "why"), ROWS)
def test_what_becomes_of_votes(
    votes: list[tuple[int, Vote]], eligible: set[int], quorum: int, rule: Rule, above: bool, in_meeting: bool,
    outcome: Outcome, why: Why,
) -> None:  # fmt: skip
    cast = [Cast(*each) for each in votes]
    got = tally(cast, eligible, quorum, rule, above=above, in_meeting=in_meeting)
    assert (got.outcome, got.why) == (outcome, why)
