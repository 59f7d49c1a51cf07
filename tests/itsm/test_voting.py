"""The votes of a panel, against a reference of thirty lines that was written from the words of the rule alone."""

import random
from typing import Any

import pytest

from itsm.approvals.voting import Cast, Outcome, Rule, Vote, Why, tally

A, D, N, R, T = Vote.APPROVE, Vote.DECLINE, Vote.ABSTAIN, Vote.RECUSE, Vote.DISCUSS


def word_of_seat(seat: int, votes: list[Cast]) -> Cast | None:
    """What holds for a seat: the newest of what its member and their substitutes said, each as they said last anywhere;
    a member's own no, recusal or wish to talk gives way to their own word alone."""
    word = None
    for at, cast in enumerate(votes):
        said_later = any(other.by == cast.by for other in votes[at + 1 :])
        if said_later or (cast.by if cast.seat is None else cast.seat) != seat:
            continue
        stays = word is not None and word.by == seat != cast.by and word.vote not in ("approve", "abstain")
        word = word if stays else cast
    return word


def reference(
    votes: list[Cast], eligible: set[int], quorum: int, rule: Rule, above: bool, in_meeting: bool, barred: set[int]
) -> tuple[str, int]:
    """The outcome and the needed quorum, one seat after the other."""
    left, out, ayes, noes, against, talk = len(eligible), 0, 0, 0, 0, 0
    for seat in range(9):
        word = word_of_seat(seat, votes)
        if word is None:
            continue
        against += word.vote == "decline"
        talk += word.vote == "discuss"
        if seat in eligible and word.by not in barred:
            out += word.vote == "recuse"
            ayes += word.vote == "approve"
            noes += word.vote == "decline"
    left -= out
    needed = quorum
    if left < quorum:
        if above:
            return "escalate", quorum
        needed = quorum - out if quorum - out > 1 else 1
        if left < needed:
            return "open", needed
    if not in_meeting:
        return ("open" if against or talk or ayes < needed else "approved"), needed
    if against and rule == "none_against":
        return "declined", needed
    if ayes + noes < needed:
        return "open", needed
    return ("approved" if ayes > against else "declined"), needed


def drawn(dice: random.Random) -> dict[str, Any]:
    """People in and out of the panel, substitutes, votes changed, given twice and by strangers."""
    eligible = set(dice.sample(range(8), dice.randint(0, 6)))
    votes = [
        Cast(dice.randrange(9), dice.choice((A, A, A, D, N, R, T)), dice.choice((None, None, dice.randrange(9))))
        for _ in range(dice.randint(0, 12))
    ]
    return {
        "votes": votes + dice.sample(votes, min(len(votes), dice.randint(0, 2))), "eligible": eligible,
        "quorum": dice.randint(1, 4), "rule": dice.choice(list(Rule)), "above": dice.random() < 0.5,
        "in_meeting": dice.random() < 0.4, "barred": set(dice.sample(range(9), dice.randint(0, 2))) - eligible,
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
    # who declined has no seat, or an interest, by now: a no goes on counting, and makes no quorum
    ([(9, D), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISSENT),
    ([(9, D), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, True,  Outcome.DECLINED, Why.DECLINED),
    ([(9, D), (2, A)],                {1, 2, 3}, 2, Rule.MAJORITY,     False, True,  Outcome.OPEN,     Why.NO_QUORUM),
    ([(9, T), (2, A), (3, A)],        {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISCUSS),
    # substitutes: 7 and 8 stand in for 1; 9 has an interest
    ([(7, A, 1), (2, A)],             {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(7, A, 1), (1, A)],             {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(7, A, 1), (7, A, 2)],          {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(7, A, 1), (8, A, 1)],          {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(7, D, 1), (7, A, 2), (3, A)],  {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(1, D), (7, A, 1), (2, A)],     {1, 2},    1, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISSENT),
    ([(7, D, 1), (1, A), (2, A)],     {1, 2},    2, Rule.NONE_AGAINST, False, False, Outcome.APPROVED, Why.AGREED),
    ([(1, A), (7, D, 1), (2, A)],     {1, 2},    2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISSENT),
    ([(9, A, 1), (2, A)],             {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.NO_QUORUM),
    ([(9, D, 1), (2, A), (3, A)],     {1, 2, 3}, 2, Rule.NONE_AGAINST, False, False, Outcome.OPEN,     Why.DISSENT),
]
# fmt: on


@pytest.mark.parametrize(("votes", "eligible", "quorum", "rule", "above", "in_meeting", "outcome", "why"), ROWS)
def test_what_becomes_of_votes(
    votes: list[tuple[int, Vote, int | None]], eligible: set[int], quorum: int, rule: Rule, above: bool, in_meeting: bool,
    outcome: Outcome, why: Why,
) -> None:  # fmt: skip
    cast = [Cast(*each) for each in votes]
    got = tally(cast, eligible, quorum, rule, above=above, in_meeting=in_meeting, barred={9})
    assert (got.outcome, got.why) == (outcome, why)
