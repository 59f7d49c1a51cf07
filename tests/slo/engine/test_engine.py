"""The pure engine against the golden numbers of the literature (G-numbers: see test_golden)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.engine import burn, levels, prefix, windows
from slo.engine.prefix import Counts, Hour
from slo.engine.states import LEVELS, Flag, Level, State, state_of
from tests.slo import textbook

THREE_NINES = burn.error_budget_ppb(Decimal("0.999"))


@pytest.mark.parametrize(
    ("target", "ppb"),
    [
        ("0.999", 1_000_000),
        ("0.9", 100_000_000),
        ("0.999999999", 1),
        ("0.000000001", 999_999_999),
        ("0.5", 500_000_000),
    ],
)
def test_a_target_leaves_an_exact_budget(target: str, ppb: int) -> None:
    assert burn.error_budget_ppb(Decimal(target)) == ppb


@pytest.mark.parametrize("target", ["0", "1", "1.5", "-0.1", "0.9999999999", "NaN", "Infinity"])
def test_other_targets_are_refused(target: str) -> None:
    with pytest.raises(ValueError, match="target"):
        burn.error_budget_ppb(Decimal(target))


@pytest.mark.parametrize(("rate", "minutes"), [(1, 43_200), (2, 21_600), (10, 4_320), (1000, Fraction(432, 10))])
def test_g1_time_to_exhaustion(rate: int, minutes: Fraction) -> None:
    assert burn.minutes_to_exhaustion(Fraction(1), Fraction(rate), 30) == minutes


def test_nothing_left_is_exhausted_now_and_no_burn_never_exhausts() -> None:
    assert burn.minutes_to_exhaustion(Fraction(-1, 2), Fraction(3), 30) == 0
    assert burn.minutes_to_exhaustion(Fraction(1), Fraction(0), 30) is None


def test_g2_a_row_of_five_per_cent_per_hour_misses_35x() -> None:
    row = windows.AlertRow(windows.Severity.PAGE, "1h", "5m", 5)
    assert row.factor(30) == 36
    exhausted = burn.minutes_to_exhaustion(Fraction(1), Fraction(35), 30)
    assert exhausted == Fraction(720 * 60, 35)


@pytest.mark.parametrize(
    ("rate", "window", "spent"),
    [("14.4", "1h", 2), ("6", "6h", 5), ("3", "1d", 10), ("1", "3d", 10)],
)
def test_g3_the_rows_spend_2_5_10_10_per_cent(rate: str, window: str, spent: int) -> None:
    assert burn.spent_by(Fraction(rate), Fraction(windows.WINDOWS[window]), 30) == Fraction(spent, 100)


@pytest.mark.parametrize(
    ("days", "factors"),
    [
        (30, ["14.4", "6", "3", "1"]),
        (28, ["13.44", "5.6", "2.8", "1"]),  # the last would be 0.9333: never below 1
        (14, ["6.72", "2.8", "1.4", "1"]),
        (7, ["3.36", "1.4", "1", "1"]),
        (90, ["43.2", "18", "9", "3"]),
    ],
)
def test_factors_scale_with_the_window(days: int, factors: list[str]) -> None:
    assert [row.factor(days) for row in windows.ALERT_ROWS] == [Fraction(factor) for factor in factors]


@pytest.mark.parametrize(
    ("long_minutes", "factor", "seconds"),
    [(10, "1", "0.6"), (2160, "1", "129.6"), (60, "14.4", "51.84"), (360, "6", "129.6")],
)
def test_g4_a_total_outage_is_detected_in_seconds(long_minutes: int, factor: str, seconds: str) -> None:
    found = textbook.minutes_to_detection(Fraction(1), Fraction(factor), long_minutes, THREE_NINES)
    assert found * 60 == Fraction(seconds)


def test_g5_fifteen_per_cent_cross_the_long_window_after_5_76_minutes() -> None:
    assert textbook.minutes_to_detection(Fraction(15, 100), Fraction("14.4"), 60, THREE_NINES) == Fraction("5.76")


@pytest.mark.parametrize(
    ("bad", "minutes", "percent"),
    [(1, 10, "0.0231"), (1000, 5, "11.5741"), (1000, 60, "138.8889")],
)
def test_g6_what_outages_cost(bad: int, minutes: int, percent: str) -> None:
    spent = burn.spent_by(burn.burn_rate(bad, 1000, THREE_NINES), Fraction(minutes), 30)
    assert burn.rounded_up(spent * 100).quantize(Decimal("0.0001")) == Decimal(percent)


def test_g7_one_failure_at_ten_requests_per_hour_burns_100() -> None:
    assert burn.burn_rate(1, 10, THREE_NINES) == 100
    assert burn.rounded_up(burn.spent_by(Fraction(100), Fraction(60), 30)) == Decimal("0.138888889")


def test_g8_ninety_per_cent_cannot_page_within_an_hour() -> None:
    ppb = burn.error_budget_ppb(Decimal("0.9"))
    assert burn.burn_rate(1, 1, ppb) == 10
    assert burn.rounded_up(burn.spent_by(Fraction(10), Fraction(60), 30)) == Decimal("0.013888889")
    assert [row.is_reachable(ppb, 30) for row in windows.ALERT_ROWS] == [False, True, True, True]
    assert windows.cautions(ppb, 30) == [windows.Caution.PAGE_UNREACHABLE]


@pytest.mark.parametrize(("days", "reachable"), [(49, True), (50, False), (51, False)])
def test_a_row_that_a_total_outage_only_just_reaches_never_fires(days: int, reachable: bool) -> None:
    """At 90 % a total outage burns at 10, and a row fires above its factor: over fifty days the 6h row's is 10."""
    ppb, row = burn.error_budget_ppb(Decimal("0.9")), windows.ALERT_ROWS[1]
    assert (row.factor(days) < burn.burn_rate(1, 1, ppb)) is row.is_reachable(ppb, days) is reachable


def test_g9_five_nines_last_26_seconds() -> None:
    ppb = burn.error_budget_ppb(Decimal("0.99999"))
    assert burn.outage_minutes(ppb, 30) * 60 == Fraction("25.92")
    assert windows.Caution.TOO_EXTREME in windows.cautions(ppb, 30)


def test_g10_half_of_three_thousand_allowed_failures() -> None:
    assert 3_000_000 * THREE_NINES // windows.PPB == 3000
    assert burn.rounded_down(burn.remaining(1500, 3_000_000, THREE_NINES)) == Decimal("0.5")


@pytest.mark.parametrize(
    ("target", "days", "minutes"),
    [
        ("0.9995", 7, "5.04"),  # G13
        ("0.9995", 28, "20.16"),  # G14
        ("0.99", 7, "100.8"),
        ("0.999", 28, "40.32"),
        ("0.999", 30, "43.2"),
        ("0.99999", 90, "1.296"),
    ],
)
def test_g13_g14_minutes_of_outage_that_a_budget_pays_for(target: str, days: int, minutes: str) -> None:
    assert burn.outage_minutes(burn.error_budget_ppb(Decimal(target)), days) == Fraction(minutes)


def test_g15_four_nines_of_a_year() -> None:
    assert burn.outage_minutes(burn.error_budget_ppb(Decimal("0.9999")), 365) * 60 == Fraction("3153.6")


def test_g16_a_canary_of_five_per_cent_with_a_twenty_per_cent_defect() -> None:
    rate = burn.burn_rate(5 * 20, 100 * 100, THREE_NINES)
    assert rate == 10
    assert burn.rounded_up(burn.spent_by(rate, Fraction(60), 30)) == Decimal("0.013888889")


def test_g17_just_above_the_factor_is_above() -> None:
    assert burn.burn_rate(1444, 100_000, THREE_NINES) == Fraction("14.44") > windows.ALERT_ROWS[0].factor(30)


def test_rounding_is_towards_the_strict_side() -> None:
    assert burn.rounded_up(Fraction(1, 3)) == Decimal("0.333333334")
    assert burn.rounded_down(Fraction(1, 3)) == Decimal("0.333333333")
    assert burn.rounded_down(Fraction(-1, 3)) == Decimal("-0.333333334")
    assert burn.rounded_up(Fraction(144, 10)) == Decimal("14.4")


def test_no_traffic_burns_nothing() -> None:
    assert burn.burn_rate(0, 0, THREE_NINES) == 0
    assert burn.remaining(0, 0, THREE_NINES) == 1


@pytest.mark.parametrize(
    ("headroom", "level"),
    [("0.51", "healthy"), ("0.5", "watch"), ("0.25", "constrained"), ("0", "exhausted"), ("-3", "exhausted")],
)
def test_a_level_holds_above_its_limit(headroom: str, level: str) -> None:
    assert levels.level_of(Decimal(headroom)) == level


@pytest.mark.parametrize(
    ("before", "headroom", "last_hour", "after"),
    [
        (None, "0.6", ["0.1"], "healthy"),
        ("healthy", "0.2", ["0.9", "0.2"], "constrained"),  # down at once
        ("watch", "0.54", ["0.54"], "watch"),  # not five points above
        ("watch", "0.56", ["0.56", "0.55"], "watch"),
        ("watch", "0.56", ["0.56", "0.551"], "healthy"),
        ("exhausted", "0.9", ["0.9", "0.04"], "exhausted"),  # the hour was not calm
        ("exhausted", "0.9", ["0.9", "0.31"], "watch"),  # as far up as the whole hour earned
    ],
)
def test_levels_fall_at_once_and_rise_after_a_calm_hour(
    before: str | None, headroom: str, last_hour: list[str], after: str
) -> None:
    earlier = Level(before) if before else None
    assert textbook.next_level(earlier, Decimal(headroom), [Decimal(look) for look in last_hour]) == after


def test_the_state_is_the_flag_that_takes_precedence_else_the_level() -> None:
    assert state_of(Level.HEALTHY, {Flag.NO_DATA, Flag.BURNING_FAST}) is State.BURNING_FAST
    assert state_of(Level.HEALTHY, {Flag.BURNING_SLOW}) is State.WATCH
    assert state_of(Level.EXHAUSTED, {Flag.BURNING_SLOW}) is State.EXHAUSTED
    assert [state_of(level, set()) for level in LEVELS] == ["healthy", "watch", "constrained", "exhausted"]


samples = st.dictionaries(
    st.integers(0, 59),
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)).map(lambda pair: Counts(min(pair), max(pair))),
)


@given(first=samples, then=samples)
def test_an_hour_row_holds_what_was_set_last(first: dict[int, Counts], then: dict[int, Counts]) -> None:
    hour = prefix.with_minutes(prefix.with_minutes(Hour(), first), then)
    assert prefix.minutes_of(hour) == first | then
    assert prefix.with_minutes(hour, then) == hour
    assert hour.sums().total == sum(counts.total for counts in (first | then).values())
