"""What the report may claim: nothing of a history without an effect but by chance, nothing of too little, what is there."""

import random

import pytest

from changes.cab_value.rules import LEAST_PAIRS, RISKS, Answer, Pairs, Share, Stratum, answer, chance, compared

CLAIMS = {Answer.FEWER_FAILURES, Answer.MORE_FAILURES}


def history(at_random: random.Random, effect: float = 1.0) -> list[Stratum]:
    """Changes of a year. How often they fail, and how many of them people decide about, is another in each stratum; what
    people decided about fails `effect` times as often as the rest of its stratum."""
    found = []
    for risk in RISKS:
        for _ in range(at_random.randrange(1, 9)):
            fails, people = at_random.choice((0.02, 0.05, 0.1, 0.2, 0.4)), at_random.random()
            sides: dict[bool, list[bool]] = {True: [], False: []}
            for _ in range(at_random.randrange(5, 60)):
                by_people = at_random.random() < people
                sides[by_people].append(at_random.random() < (fails * effect if by_people else fails))
            found.append(Stratum(risk, sides[True], sides[False]))
    return found


def test_of_a_thousand_histories_without_an_effect_it_claims_one_in_at_most_fifty():
    at_random = random.Random(20261129)
    claimed = sum(any(one.answer in CLAIMS for one in compared(history(at_random))) for _ in range(1000))
    assert claimed <= 50
    strong = sum(
        any(one.answer is Answer.FEWER_FAILURES for one in compared(history(at_random, 0.1))) for _ in range(60)
    )
    assert strong > 30  # it is not right by saying nothing


def test_what_people_decide_about_because_it_is_worse_is_no_effect_of_deciding():
    """Tier 1 fails often and goes to people, tier 3 hardly ever and goes by itself: the plain shares differ, no pair does."""
    worse = Stratum("high", [True] * 100, [True] * 40)
    better = Stratum("high", [False] * 40, [False] * 100)
    high = compared([worse, better])[2]
    assert (high.people.share or 0) > 2 * (high.automatic.share or 1)
    assert (high.pairs, high.answer) == (Pairs(80, 0, 0), Answer.NO_DIFFERENCE)


def test_too_few_pairs_or_no_overlap_are_insufficient_whatever_they_show():
    alike = Stratum("low", [False] * (LEAST_PAIRS - 1), [True] * (LEAST_PAIRS - 1))
    assert compared([alike])[0].answer is Answer.INSUFFICIENT
    apart = [Stratum("low", [False] * 500, []), Stratum("low", [], [True] * 500)]
    assert compared(apart)[0].answer is Answer.INSUFFICIENT
    enough = Stratum("low", [False] * LEAST_PAIRS, [True] * LEAST_PAIRS)
    assert [one.answer for one in compared([enough])] == [
        Answer.FEWER_FAILURES, Answer.INSUFFICIENT, Answer.INSUFFICIENT,
    ]  # fmt: skip
    assert [one.risk for one in compared([Stratum("odd", [True], [])])] == [*RISKS, "odd"]


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0, 0, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (3, 3, 1.0), (2, 10, 0.0386)]
)
def test_the_chance_of_a_difference_is_that_of_fair_coins(one: int, other: int, expected: float) -> None:
    assert chance(one, other) == pytest.approx(expected, abs=5e-5)
    assert chance(other, one) == chance(one, other)


def test_several_risk_classes_together_claim_no_more_often_than_one():
    borderline = Pairs(40, 0, 6)
    assert answer(borderline, asked=1) is Answer.FEWER_FAILURES
    assert answer(borderline, asked=2) is Answer.NO_DIFFERENCE
    assert answer(Pairs(40, 6, 0)) is Answer.MORE_FAILURES


def test_a_share_has_the_interval_of_wilson():
    low, high = Share(10, 0).interval or (1, 0)
    assert (low, round(high, 3)) == (0.0, 0.278)
    assert [round(one, 3) for one in Share(50, 5).interval or ()] == [0.043, 0.214]
    assert (Share(0, 0).share, Share(0, 0).interval) == (None, None)
