"""Evaluating slices: the rules one by one, and random hours against the slow oracle."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.engine.methods import MIN_ALLOWED, MIN_BAD, SLICE_MINUTES, UNIT, Member, Method, MissingSlices, slices_of_hour
from slo.engine.prefix import Counts
from tests.slo import naive

PPB = 10**9
GOOD, BAD, QUIET = Counts(0, 1000), Counts(1000, 1000), Counts(0, 0)
NINETY = Member(1, 900_000_000)


def test_every_method_has_its_figures() -> None:
    assert set(UNIT) == set(MIN_BAD) == set(MIN_ALLOWED) == set(Method)
    assert SLICE_MINUTES == (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
    assert [policy.value for policy in MissingSlices] == ["excluded", "good", "bad"]
    assert {str(method) for method in Method} == {naive.OCCURRENCES, naive.TIMESLICES, naive.RATIO}
    assert {str(method): least for method, least in MIN_BAD.items()} == naive.MIN_BAD
    assert {str(method): least for method, least in MIN_ALLOWED.items()} == naive.MIN_ALLOWED


@pytest.mark.parametrize(
    ("sample", "slice_"),
    [
        (Counts(0, 1), GOOD),
        (Counts(100, 1000), GOOD),  # exactly at the target
        (Counts(100_001, 1_000_000), BAD),
        (Counts(1, 1), BAD),
        (QUIET, QUIET),
    ],
)
def test_a_time_slice_is_good_at_its_target(sample: Counts, slice_: Counts) -> None:
    assert slices_of_hour([NINETY], [{7: sample}], Method.TIMESLICES, 1) == {7: slice_}


def test_a_target_of_one_forgives_nothing() -> None:
    assert slices_of_hour([Member(1)], [{0: Counts(1, 10**12), 1: GOOD}], Method.TIMESLICES, 1) == {0: BAD, 1: GOOD}


@pytest.mark.parametrize(
    ("sample", "bad"),
    [
        (Counts(1, 3), 333_333_334),
        (Counts(1, 10**12), 1),
        (Counts(0, 5), 0),
        (Counts(5, 5), PPB),
        (Counts(1, 8), PPB // 8),
    ],
)
def test_a_shortfall_is_rounded_up(sample: Counts, bad: int) -> None:
    assert slices_of_hour([Member(1)], [{0: sample}], Method.RATIO_TIMESLICES, 1) == {0: Counts(bad, PPB)}


def test_samples_of_a_slice_are_added_up_before_it_is_evaluated() -> None:
    hour = {5: Counts(0, 900), 7: Counts(100, 100), 13: QUIET, 59: Counts(1, 1)}
    assert slices_of_hour([NINETY], [hour], Method.TIMESLICES, 5) == {9: GOOD, 14: QUIET, 59: BAD}
    assert slices_of_hour([NINETY], [hour], Method.TIMESLICES, 60) == {59: BAD}
    assert slices_of_hour([NINETY], [hour], Method.RATIO_TIMESLICES, 10) == {
        9: Counts(100_000_000, PPB),
        19: QUIET,
        59: Counts(PPB, PPB),
    }


def test_a_composite_slice_needs_every_member_and_falls_with_any() -> None:
    members = [NINETY, Member(2, 500_000_000)]
    one = {0: Counts(0, 10), 1: Counts(0, 10), 2: Counts(2, 10), 3: QUIET, 4: QUIET, 5: QUIET}
    two = {0: Counts(5, 10), 1: Counts(6, 10), 2: Counts(0, 10), 3: QUIET, 4: Counts(6, 10), 6: GOOD}
    expected = {0: GOOD, 1: BAD, 2: BAD, 3: QUIET, 4: BAD}
    assert slices_of_hour(members, [one, two], Method.TIMESLICES, 1) == expected
    assert slices_of_hour(members[::-1], [two, one], Method.TIMESLICES, 1) == expected


def test_composite_shortfalls_are_weighted_added_up_and_rounded_once() -> None:
    members = [Member(1), Member(2, weight_ppm=500_000)]
    one = {0: Counts(5, 100), 1: Counts(1, 3), 2: Counts(9, 10), 3: QUIET, 4: QUIET}
    two = {0: Counts(10, 100), 1: Counts(1, 3), 2: Counts(9, 10), 3: Counts(1, 10), 4: QUIET}
    slices = slices_of_hour(members, [one, two], Method.RATIO_TIMESLICES, 1)
    # 95 % and 95 % are 90 %; 1/3 + 1/6 is exactly a half; never above a whole slice; the quiet one adds nothing.
    assert {minute: counts.bad for minute, counts in slices.items()} == {
        0: 100_000_000,
        1: 500_000_000,
        2: PPB,
        3: 50_000_000,
        4: 0,
    }
    assert slices[4] == QUIET


def test_occurrences_are_the_samples_themselves() -> None:
    hour = {3: Counts(1, 2)}
    assert slices_of_hour([Member(1)], [hour], Method.OCCURRENCES, 1) == hour


def test_what_cannot_be_evaluated_is_refused() -> None:
    for members, hours, method, width, sentence in [
        ([], [], Method.TIMESLICES, 1, "at least one member"),
        ([NINETY], [{}, {}], Method.TIMESLICES, 1, "at least one member"),
        ([NINETY], [{}], Method.TIMESLICES, 7, "divides an hour"),
        ([NINETY], [{}], Method.TIMESLICES, 0, "divides an hour"),
        ([NINETY, NINETY], [{}, {}], Method.OCCURRENCES, 1, "one indicator at a time"),
        ([NINETY], [{}], Method.OCCURRENCES, 5, "minute by minute"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            slices_of_hour(members, hours, method, width)


SAMPLE = st.one_of(
    st.just((0, 0)),
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    # Small numbers meet their targets exactly.
    st.tuples(st.integers(0, 10), st.integers(0, 10)),
).map(lambda pair: Counts(min(pair), max(pair)))
SPARSE = st.dictionaries(st.integers(0, 59), SAMPLE)
FULL = st.lists(SAMPLE, min_size=60, max_size=60).map(lambda found: dict(enumerate(found)))
TARGET = st.one_of(st.integers(1, PPB), st.sampled_from([PPB, 900_000_000, 500_000_000]))
MEMBERS = st.lists(st.tuples(TARGET, st.integers(1, 2_000_000), SPARSE | FULL), min_size=1, max_size=3)


@given(
    members=MEMBERS,
    method=st.sampled_from([Method.TIMESLICES, Method.RATIO_TIMESLICES]),
    width=st.sampled_from(SLICE_MINUTES),
)
def test_an_hour_is_evaluated_as_the_oracle_does(
    members: list[tuple[int, int, Mapping[int, Counts]]], method: Method, width: int
) -> None:
    slices = slices_of_hour(
        [Member(place, tau, weight) for place, (tau, weight, _) in enumerate(members)],
        [hour for *_, hour in members],
        method,
        width,
    )
    slow = naive.series(
        naive.Version(components=(), method=method, slice_minutes=width),
        naive.Component(
            tuple(
                naive.Member(place, Fraction(tau, PPB), Fraction(weight, 10**6))
                for place, (tau, weight, _) in enumerate(members)
            ),
            Fraction(1, 2),
        ),
        {place: hour for place, (*_, hour) in enumerate(members)},
    )
    assert {m: (Fraction(c.bad, UNIT[method]), Fraction(c.total, UNIT[method])) for m, c in slices.items()} == slow
    assert all(isinstance(number, int) for counts in slices.values() for number in counts)
