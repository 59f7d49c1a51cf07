"""The ledger's rules: the golden table of the design, and that nothing is lost or doubled in any situation."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.ledger.rules import Active, Expected, MinuteRange, expected_of, share_out
from tests.slo.proving import examples

A, B = 1, 2


def situation(expected, bad, *changes):
    """`expected`: a fraction from minute 0 on; `changes`: (number, first, last)."""
    fraction = Fraction(expected)
    rate = (fraction.numerator, fraction.denominator)
    active = [Active(number, MinuteRange(first, last), Expected(*rate, since=first)) for number, first, last in changes]
    return share_out(MinuteRange(0, 60), dict(enumerate(bad)), active, Expected(*rate, since=0))


@pytest.mark.parametrize(
    ("expected", "bad", "changes", "debits", "unattributed"),
    [
        (5, [5] * 10 + [105, 205, 5], [(A, 10, 40)], {A: 300}, 0),
        (2, [2, 12, 13, 11, 0], [(A, 0, 3), (B, 1, 5)], {A: 11, B: 19}, 0),
        (Fraction(1, 3), [1, 1, 1, 10, 10], [(A, 3, 4)], {A: 10}, 12),
    ],
)
def test_the_golden_table(expected, bad, changes, debits, unattributed):
    found = situation(expected, bad, *changes)
    assert dict(found.debits) == debits
    assert (found.unattributed, found.dependency) == (unattributed, 0)
    assert found.excess == sum(debits.values()) + unattributed


def test_minutes_of_a_confirmed_outage_upstream_are_nobodys_debit():
    active = [Active(A, MinuteRange(0, 10), Expected(0, 0, 0))]
    found = share_out(MinuteRange(0, 20), {3: 7, 4: 5, 12: 2}, active, Expected(0, 0, 0), [MinuteRange(4, 13)])
    assert (dict(found.debits), found.dependency, found.unattributed) == ({A: 7}, 7, 0)
    assert dict(found.dependencies) == {A: 5}  # of the seven, two lay in no change's minutes


def test_what_is_expected_leaves_outages_and_what_was_not_measured_out():
    bad = {100: 4, 200: 6, 1000: 900, 1440: 50}
    assert expected_of(1440, bad, [MinuteRange(990, 1050)], began=0) == Expected(10, 1380, 1440)
    assert expected_of(1440, bad, [MinuteRange(990, 1050)], began=150) == Expected(6, 1230, 1440)
    assert expected_of(1440, bad, [], began=1440) == Expected(0, 0, 1440)
    assert Expected(0, 0, 5).of(7) == 0


def test_a_fraction_is_carried_and_never_rounded_away():
    third = Expected(1, 3, since=7)
    assert [third.of(minute) for minute in range(7, 13)] == [0, 0, 1, 0, 0, 1]


WINDOWS = st.lists(st.tuples(st.integers(0, 39), st.integers(1, 25)), max_size=5)
COUNTS = st.lists(st.integers(0, 30), min_size=40, max_size=40)
RATES = st.tuples(st.integers(0, 40), st.integers(0, 12))


@settings(max_examples=examples(1000), deadline=None)
@given(
    COUNTS,
    WINDOWS,
    st.lists(RATES, min_size=6, max_size=6),
    WINDOWS,
    st.dictionaries(st.integers(0, 39), st.integers(0, 99), max_size=4),
)
def test_debits_dependency_and_unattributed_are_the_excess(counts, windows, rates, upstream, late):
    """Against an oracle that walks event by event and shares no code; then again once late data have come."""
    spans = [(first, first + length) for first, length in windows]
    for told in (dict(enumerate(counts)), dict(enumerate(counts)) | late):
        active = [
            Active(number, MinuteRange(*span), Expected(*rate, since=span[0]))
            for number, (span, rate) in enumerate(zip(spans, rates, strict=False))
        ]
        found = share_out(
            MinuteRange(0, 40), told, active, Expected(*rates[5], since=0), [MinuteRange(a, a + n) for a, n in upstream]
        )
        excess, debits, dependency, unattributed = walk(told, spans, rates, upstream)
        assert found.excess == excess
        assert {one: n for one, n in found.debits.items() if n} == debits
        assert (found.dependency, found.unattributed) == (dependency, unattributed)
        assert sum(found.debits.values()) + found.dependency + found.unattributed == excess


def walk(told, spans, rates, upstream):
    """One bad event after the other: the first so many are expected, each other one goes to whose turn it is."""
    excess, dependency, unattributed, debits = 0, 0, 0, {}
    for minute in range(40):
        here = sorted((span[0], number) for number, span in enumerate(spans) if span[0] <= minute < span[1])
        whole, minutes = rates[here[0][1]] if here else rates[5]
        since = here[0][0] if here else 0
        due = sum(Fraction(whole, minutes) for _ in range(since, minute + 1)) if minutes else Fraction(0)
        was_due = sum(Fraction(whole, minutes) for _ in range(since, minute)) if minutes else Fraction(0)
        expected = int(due) - int(was_due)
        for number in range(told.get(minute, 0)):
            if number < expected:
                continue
            excess += 1
            turn = (number - expected) % len(here) if here else None
            if any(a <= minute < a + n for a, n in upstream):
                dependency += 1
            elif turn is None:
                unattributed += 1
            else:
                whose = here[turn][1]
                debits[whose] = debits.get(whose, 0) + 1
    return excess, debits, dependency, unattributed
