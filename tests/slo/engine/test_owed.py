"""What is owed of the minutes that a source was asked for, as plain arithmetic."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from slo.engine import owed
from slo.engine.owed import Piece
from slo.engine.samples import epoch_minute
from tests.factories.slo import MINUTE, T0
from tests.slo.proving import examples

NOW = epoch_minute(T0)
Steps = list[tuple[str, int, int, set[int]]]


def counted_periods(pieces: list[Piece]) -> list[tuple[int, int, bool]]:
    return [(one.first - NOW, one.end - NOW, one.failed) for one in pieces]


def test_minutes_without_figures_are_owed_and_an_answer_pays_them() -> None:
    first, end = NOW - 40, NOW
    pieces = owed.answered([], first, end, range(first, end), T0, new_from=first)
    assert counted_periods(pieces) == [(-40, 0, False)]
    later = T0 + MINUTE * 3
    assert pieces[0].next_at <= later
    left = owed.answered(pieces, first - 5, end, set(range(NOW - 10, NOW)), later, new_from=end)
    assert counted_periods(left) == [(-10, 0, False)]
    assert left[0].attempts == 2
    assert owed.answered(left, first, end, (), later, new_from=end) == []


def test_what_was_measured_once_is_not_owed_because_a_source_forgot_it() -> None:
    assert owed.answered([], NOW - 6, NOW, range(NOW - 6, NOW - 1), T0, new_from=NOW - 1) == []


def test_a_gap_that_grows_by_the_minute_is_one_piece_and_is_asked_for_while_it_grows() -> None:
    pieces: list[Piece] = []
    due = 0
    for minute in range(60):
        at = T0 + MINUTE * minute
        now = NOW + minute
        pieces = owed.answered(pieces, now - 5, now + 1, range(now - 5, now + 1), at, new_from=now)
        due += pieces[0].next_at <= at
    assert counted_periods(pieces) == [(-0, 60, False)]
    assert due > 20


def test_a_gap_is_looked_at_again_for_more_than_a_day_ever_more_seldom() -> None:
    pieces = owed.answered([], NOW - 30, NOW, range(NOW - 30, NOW), T0, new_from=NOW - 30)
    asked, waits = T0, []
    while pieces:
        waits.append(pieces[0].next_at - asked)
        asked = pieces[0].next_at
        pieces = owed.answered(pieces, NOW - 30, NOW, range(NOW - 30, NOW), asked, new_from=NOW)
    assert asked - T0 > timedelta(days=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
    assert len(waits) < 60


def test_a_failed_piece_is_asked_in_smaller_ones_down_to_an_hour() -> None:
    first, end = NOW - 10_000, NOW
    pieces = owed.failed([], first, end, "500", T0)
    assert counted_periods(pieces) == [(-10_000, 0, True)]
    widths = []
    for _ in range(5):
        one = pieces[-1]
        pieces = owed.failed(pieces, one.first, one.end, "500", T0, in_parts=True)
        widths.append(pieces[-1].end - pieces[-1].first)
    assert widths[0] == 1250
    assert widths[1] <= 157
    assert max(widths[2:]) <= 60
    assert max(one.end - one.first for one in pieces[-8:]) <= 157
    assert sum(one.end - one.first for one in pieces) == 10_000
    waits = [owed.failed(pieces[:1], pieces[0].first, pieces[0].end, "", T0)[0].next_at - T0]
    assert waits[0] <= timedelta(hours=1)


def test_failing_minute_after_minute_makes_hours_not_minutes() -> None:
    pieces: list[Piece] = []
    for minute in range(150):
        pieces = owed.failed(pieces, NOW + minute, NOW + minute + 1, "no", T0 + MINUTE * minute)
    assert counted_periods(pieces) == [(0, 60, True), (60, 120, True), (120, 150, True)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["failed", "parts", "answered"]), st.integers(-600, 0), st.integers(1, 400),
        st.sets(st.integers(-600, 400), max_size=30),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=examples(600), deadline=None)
@given(STEPS)
def test_every_minute_that_was_asked_for_is_answered_or_owed_and_no_piece_is_there_twice(steps: Steps) -> None:
    """Against a plain set of minutes: failed ones stay until they are answered."""
    pieces: list[Piece] = []
    unanswered: set[int] = set()
    for number, (what, back, width, missing) in enumerate(steps):
        first, at = NOW + back, T0 + MINUTE * number
        end = first + width
        if what == "answered":
            gaps = {NOW + one for one in missing if first <= NOW + one < end}
            pieces = owed.answered(pieces, first, end, gaps, at, new_from=first)
            unanswered -= set(range(first, end))
            for gap in gaps:
                assert any(one.meets(gap, gap + 1) for one in pieces)
        else:
            pieces = owed.failed(pieces, first, end, "no", at, in_parts=what == "parts")
            unanswered |= set(range(first, end))
        assert {minute for one in pieces if one.failed for minute in range(one.first, one.end)} == unanswered
        assert len({one.first for one in pieces}) == len(pieces)
        assert all(one.first < one.end for one in pieces)
