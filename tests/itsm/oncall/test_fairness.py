"""What time on call weighs: nights and weekends of one's own zone, over clocks that are set."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from itsm.oncall.engine.fairness import Load, jain, load_of, night_of, percentile

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_week_has_nights_and_a_weekend() -> None:
    monday = datetime(2026, 11, 2, tzinfo=BERLIN)
    load = load_of(monday, monday + timedelta(days=7), BERLIN)
    assert load == Load(plain=5 * 15 * 3600, night=7 * 9 * 3600, weekend=2 * 15 * 3600)
    assert load.weighted == (5 * 15 + 2 * 63 + Fraction(3, 2) * 30) * 3600


def test_the_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    begin, end = datetime(2026, 10, 24, 22, tzinfo=BERLIN), datetime(2026, 10, 25, 7, tzinfo=BERLIN)
    assert load_of(begin.astimezone(UTC), end.astimezone(UTC), BERLIN) == Load(night=10 * 3600)


def test_a_night_is_of_ones_own_zone() -> None:
    at = datetime(2026, 11, 3, 21, 30, tzinfo=UTC)
    assert night_of(at, BERLIN) == datetime(2026, 11, 3).date()  # noqa: DTZ001 - a date
    assert night_of(at + timedelta(hours=8), BERLIN) == datetime(2026, 11, 3).date()  # noqa: DTZ001
    assert night_of(at, ZoneInfo("America/New_York")) is None


def test_fairness_is_one_where_all_carry_the_same() -> None:
    assert jain([Fraction(3)] * 4) == 1
    assert jain([Fraction(8), Fraction(0), Fraction(0), Fraction(0)]) == Fraction(1, 4)
    assert jain([]) is None


def test_percentiles_are_values_that_there_were() -> None:
    assert percentile([], 0.5) is None
    assert (percentile([5, 1, 3], 0.5), percentile([1, 2, 3, 4], 0.5), percentile(range(1, 11), 0.9)) == (3, 2, 9)
