"""What runs do to an allowance, as numbers: bounded, steady, and exact to six decimals."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from changes.allowances.rules import STEP, refilled, rescaled, shrunk

SHARES = st.decimals("0.000001", "1", places=6)
RUNS = st.lists(st.booleans() | SHARES, max_size=40)


def test_a_run_at_a_time() -> None:
    tenth = Decimal("0.1")
    assert refilled(tenth, Decimal("0.05")) == Decimal("0.06")
    assert refilled(tenth, Decimal("0.095")) == tenth
    assert refilled(tenth, Decimal(0)) == Decimal("0.01")  # from nothing it comes back, by what people let go
    assert shrunk(tenth, tenth) == Decimal("0.05")
    assert shrunk(tenth, Decimal("0.01")) == Decimal("0.005")  # a twentieth of the share is still something
    assert shrunk(tenth, Decimal("0.009999")) == 0
    assert rescaled(tenth, Decimal("0.02"), Decimal("0.2")) == Decimal("0.12")
    assert rescaled(tenth, Decimal("0.02"), Decimal("0.09")) == Decimal("0.01")
    assert rescaled(tenth, Decimal("0.02"), Decimal("0.01")) == 0


@given(SHARES, RUNS)
def test_whatever_happens_what_is_left_is_between_nothing_and_the_share(
    share: Decimal, runs: list[bool | Decimal]
) -> None:
    left = share
    for one in runs:
        if isinstance(one, Decimal):
            left, share = rescaled(share, left, one), one
        else:
            before, left = left, (refilled if one else shrunk)(share, left)
            assert left >= before if one else left <= before / 2
        assert 0 <= left <= share
        assert left == left.quantize(STEP)


@given(SHARES)
def test_five_failures_in_a_row_empty_it_and_ten_verified_runs_fill_it(share: Decimal) -> None:
    left = share
    for _ in range(5):
        left = shrunk(share, left)
    assert left == 0
    for _ in range(10):
        left = refilled(share, left)
    assert left == share


@given(SHARES, SHARES, SHARES)
def test_more_and_less_again_gives_nothing_back_that_failures_took(
    share: Decimal, more: Decimal, taken: Decimal
) -> None:
    """Whoever raises a share and lowers it again leaves what was left."""
    left, higher = min(taken, share), max(more, share)
    there = rescaled(share, left, higher)
    assert rescaled(higher, there, share) == left
    assert there - left == higher - share
    assert rescaled(share, left, min(more, share)) <= left
