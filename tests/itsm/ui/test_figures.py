"""Figures never look better than they are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from itsm.ui.figures import ago, bar, exact, percent, plain_number, sparkline

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
THIN = "\u202f"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("0.0314"), f"3.1{THIN}%"),
        (Decimal("0.2499999"), f"24.9{THIN}%"),
        (Decimal("-0.2001"), f"\u221220.1{THIN}%"),
        (0, f"0.0{THIN}%"),
        (None, "\u2013"),
        (Decimal("NaN"), "\u2013"),
        ("1", f"100.0{THIN}%"),
        (Decimal("-12.5"), f"\u22121{THIN}250.0{THIN}%"),
    ],
)
def test_shares_are_rounded_down(value: Decimal | None, shown: str) -> None:
    assert percent(value) == shown


def test_a_burn_rate_keeps_one_decimal() -> None:
    assert plain_number(Decimal("14.44")) == "14.4"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (5, "just now"),
        (-5, "in a moment"),
        (12 * 60, f"12{THIN}min ago"),
        (-90 * 60, f"in 1{THIN}h"),
        (3 * 86_400, f"3{THIN}d ago"),
        (100 * 86_400, "15 Aug 2026"),
    ],
)
def test_times_are_said_in_one_unit(seconds: int, shown: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == shown


def test_the_exact_time_names_its_zone() -> None:
    assert exact(NOW) == "23 Nov 2026, 12:00:00 UTC"


def test_a_bar_shows_what_is_left_and_what_of_it_is_held() -> None:
    drawn = bar(Decimal("0.60"), Decimal("0.15"), (Decimal("0.25"), Decimal("0.5")))
    assert (drawn.left, drawn.held_from, drawn.held, drawn.over) == (60.0, 45.0, 15.0, 0.0)
    assert drawn.tone == "amber", "its headroom is 45 %, whatever remains"
    assert drawn.limits == (25.0, 50.0)


def test_an_overdrawn_budget_is_red_and_never_longer_than_the_bar() -> None:
    drawn = bar(Decimal("-3"))
    assert (drawn.left, drawn.over, drawn.tone) == (0.0, 100.0, "red")


def test_a_sparkline_needs_two_values() -> None:
    assert sparkline([1]) == ""
    assert sparkline([0, 1]) == "0,23 100,1"
    assert sparkline([1, 1, 1, 1, 0.5]) == "0,1 75,1 100,12"  # a flat stretch needs its ends only
    assert sparkline([0.5, 1, 0.5]) == "0,12 50,1 100,12"
