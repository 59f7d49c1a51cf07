"""The oracle itself, against figures worked out by hand: whatever it gets wrong, everything held against it would."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.slo.naive import (
    OCCURRENCES,
    RATIO,
    TIMESLICES,
    Calendar,
    Case,
    Component,
    Evaluation,
    Member,
    Version,
    window_of,
)

HOUR = 29_000_000 // 60 * 60  # minutes since 1970, the beginning of an hour
WEEK = 7 * 1440
NINE_TENTHS = Fraction(9, 10)


def component(target: str = "0.9", *indicators: str, tau: str = "1", weight: str = "1", step: int = 1) -> Component:
    members = tuple(Member(name, Fraction(tau)) for name in indicators or ("a",))
    return Component(members, Fraction(target), Fraction(weight), step)


def run(first: int, minutes: int, bad: int, total: int) -> dict[int, tuple[int, int]]:
    """Whole events, the same in each minute."""
    return dict.fromkeys(range(first, first + minutes), (bad * 1000, total * 1000))


def evaluated(
    version: Version | list[Version],
    *,
    at: int = HOUR,
    late_seconds: int = 0,
    corrections: list[tuple[int, int]] | None = None,
    **samples: Mapping[int, tuple[int, int]],
) -> Evaluation:
    versions = version if isinstance(version, list) else [version]
    return Case(versions, samples, corrections or []).evaluate(at * 60 + late_seconds)


ROLLING = Version(components=(component(),), window=7)


def test_occurrences_are_added_up() -> None:
    found = evaluated(ROLLING, a=run(HOUR - 100, 100, 1, 100) | run(HOUR - 5, 5, 30, 100))
    assert found.watermark == HOUR
    assert found.window == (HOUR - WEEK, HOUR)
    (one,) = found.component_windows
    assert (one.bad, one.total, one.valid, one.width) == (95 + 150, 10_000, 100, WEEK)
    assert found.remaining == Decimal("0.755")  # 245 of 1000
    assert found.burn["5m"] == 3
    assert found.burn["30m"] == Decimal("0.583333334")  # (25 + 150) / 300, rounded up
    assert found.coverage == Fraction(100, WEEK)
    assert found.flags == {"low_confidence"}


def test_remaining_is_rounded_down_and_goes_below_nothing() -> None:
    assert evaluated(ROLLING, a={HOUR - 1: (1000, 3000)}).remaining == Decimal("-2.333333334")


def test_the_window_is_half_open() -> None:
    edges = {HOUR - WEEK - 1: (7000, 7000), HOUR - WEEK: (1000, 1000), HOUR - 1: (0, 9000), HOUR: (7000, 7000)}
    assert evaluated(ROLLING, a=edges).remaining == 0


def test_only_closed_minutes_count() -> None:
    found = evaluated(ROLLING, late_seconds=59, a=run(HOUR - 3, 4, 0, 1))
    assert found.watermark == HOUR
    assert evaluated(ROLLING, at=HOUR - 1, a=run(HOUR - 3, 4, 0, 1)).watermark == HOUR - 1


@pytest.mark.parametrize(
    ("age", "late", "step", "stale"), [(10, 0, 1, False), (10, 1, 1, True), (14, 0, 5, False), (14, 1, 5, True)]
)
def test_no_data_after_ten_minutes_and_the_sources_step(age: int, late: int, step: int, stale: bool) -> None:
    version = Version(components=(component(step=step),), window=7)
    found = evaluated(version, at=HOUR + age, late_seconds=late, a=run(HOUR - 1, 1, 0, 1))
    assert ("no_data" in found.flags) is stale
    assert found.watermark == HOUR


def test_a_source_that_never_spoke_is_silent() -> None:
    found = evaluated(ROLLING, at=HOUR + 7)
    assert (found.watermark, found.remaining, found.coverage) == (HOUR + 7, 1, 0)
    assert found.flags == {"not_yet_measured"}
    assert set(found.burn.values()) == {0}


def test_no_traffic_burns_nothing() -> None:
    found = evaluated(ROLLING, a=run(HOUR - WEEK, WEEK, 0, 0))
    assert (found.remaining, found.coverage) == (1, 1)
    assert found.flags == {"no_traffic", "low_confidence"}


def test_confidence_needs_ten_allowed_failures_and_nine_tenths_of_the_window() -> None:
    assert evaluated(ROLLING, a=run(HOUR - WEEK, WEEK, 0, 0) | run(HOUR - 100, 100, 0, 1)).flags == set()
    assert evaluated(ROLLING, a=run(HOUR - WEEK, WEEK, 0, 0) | run(HOUR - 99, 99, 0, 1)).flags == {"low_confidence"}
    assert evaluated(ROLLING, a=run(HOUR - 9072, 9072, 0, 1)).flags == set()
    assert evaluated(ROLLING, a=run(HOUR - 9071, 9071, 0, 1)).flags == {"low_confidence"}


def test_a_source_that_speaks_every_five_minutes_covers_five() -> None:
    version = Version(components=(component(step=5),), window=7)
    assert evaluated(version, a=dict.fromkeys(range(HOUR - WEEK, HOUR, 5), (0, 1000))).coverage == 1


def test_time_slices_count_whole_at_their_last_minute() -> None:
    version = Version(components=(component("0.5", tau="0.9"),), method=TIMESLICES, slice_minutes=5, window=7)
    samples = {HOUR - 10: (100, 1000), HOUR - 5: (99, 500), HOUR - 1: (1, 500)}  # 10 % are good, twice
    assert evaluated(version, a=samples).component_windows[0].bad == 0
    worse = samples | {HOUR - 3: (1, 1)}
    assert evaluated(version, a=worse).remaining == 0  # one of two slices, half may
    assert evaluated(version, a=worse).coverage == Fraction(10, WEEK)
    open_slice = evaluated(version, at=HOUR - 1, a=worse)
    assert (open_slice.watermark, open_slice.component_windows[0].total) == (HOUR - 5, 1)


def test_quiet_slices_are_seen_and_weigh_nothing() -> None:
    version = Version(components=(component(),), method=TIMESLICES, window=7)
    found = evaluated(version, a=run(HOUR - 2, 2, 0, 0)).component_windows[0]
    assert (found.bad, found.total, found.valid) == (0, 0, 2)


def test_shortfalls_are_rounded_up_to_billionths() -> None:
    version = Version(components=(component(),), method=RATIO, window=7)
    assert evaluated(version, a={HOUR - 1: (1000, 3000)}).component_windows[0].bad == Fraction(333_333_334, 10**9)


@pytest.mark.parametrize(("policy", "bad", "total"), [("excluded", 1, 2), ("good", 1, 5), ("bad", 4, 5)])
def test_missing_slices_since_the_first_sample(policy: str, bad: int, total: int) -> None:
    version = Version(components=(component(),), method=TIMESLICES, window=7, missing=policy)
    found = evaluated(version, a={HOUR - 5: (1000, 1000), HOUR - 1: (0, 1000)}).component_windows[0]
    assert (found.bad, found.total, found.valid) == (bad, total, 2)


def test_a_composite_slice_is_bad_with_any_member_and_missing_with_any() -> None:
    version = Version(components=(component("0.5", "a", "b"),), method=TIMESLICES, window=7)
    found = evaluated(
        version, a=run(HOUR - 3, 3, 0, 1), b=run(HOUR - 2, 1, 1, 1) | run(HOUR - 1, 1, 0, 0)
    ).component_windows[0]
    assert (found.bad, found.total, found.valid) == (1, 2, 2)


def test_composite_shortfalls_add_up_to_one_at_most() -> None:
    members = (Member("a"), Member("b", weight=Fraction(1, 2)))
    version = Version(components=(Component(members, NINE_TENTHS),), method=RATIO, window=7)
    found = evaluated(version, a=run(HOUR - 2, 1, 1, 10) | run(HOUR - 1, 1, 1, 1), b=run(HOUR - 2, 2, 1, 5))
    assert found.component_windows[0].bad == Fraction(1, 10) + Fraction(1, 10) + 1


def test_legs_burn_by_their_weights_up_to_the_slowest_source() -> None:
    components = (component("0.9", "a", weight="0.25"), component("0.5", "b", weight="0.75"))
    found = evaluated(Version(components=components, window=7), a=run(HOUR - 5, 5, 1, 5), b=run(HOUR - 5, 4, 1, 4))
    assert found.watermark == HOUR - 1
    assert found.burn["5m"] == Decimal("0.25") * 2 + Decimal("0.75") / 2
    assert "not_yet_measured" in evaluated(Version(components=components, window=7), a=run(HOUR - 5, 5, 1, 5)).flags


def test_each_minute_counts_by_the_terms_of_its_time() -> None:
    later = replace(ROLLING, components=(component("0.5"),), from_minute=HOUR - 2)
    found = evaluated([ROLLING, later], a=run(HOUR - 4, 4, 1, 2))
    assert found.component_windows[0].allowed == 4 * Fraction(1, 10) + 4 * Fraction(1, 2)
    assert found.remaining == 1 - Decimal("1.666666667")


def test_a_version_to_come_is_not_in_force() -> None:
    later = replace(ROLLING, components=(component("0.5", "b"),), from_minute=HOUR + 1)
    assert evaluated([ROLLING, later], a=run(HOUR - 4, 4, 1, 10)) == evaluated(ROLLING, a=run(HOUR - 4, 4, 1, 10))


def test_events_and_slices_are_added_up_as_one_each() -> None:
    later = Version(components=(component("0.5", tau="0.9"),), method=TIMESLICES, window=7, from_minute=HOUR - 2)
    found = evaluated([ROLLING, later], a=run(HOUR - 4, 4, 1, 2)).component_windows[0]
    assert (found.bad, found.total, found.allowed) == (2 + 2, 4 + 2, Fraction(4, 10) + 1)


def test_corrections_take_minutes_and_whole_slices_out() -> None:
    cut = [(HOUR - 7, HOUR - 6)]
    found = evaluated(ROLLING, corrections=cut, a=run(HOUR - 10, 10, 1, 1)).component_windows[0]
    assert (found.total, found.valid, found.width) == (9, 9, WEEK - 1)
    slices = Version(components=(component(),), method=TIMESLICES, slice_minutes=5, window=7, missing="bad")
    found = evaluated(slices, corrections=cut, a=run(HOUR - 10, 10, 1, 1)).component_windows[0]
    assert (found.total, found.valid, found.width) == (1, 1, WEEK - 5)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


def test_calendar_periods() -> None:
    berlin = Calendar("month", 1, "Europe/Berlin")
    assert window_of(berlin, utc("2025-03-31 21:59")) == (utc("2025-02-28 23:00"), utc("2025-03-31 22:00"))
    assert window_of(berlin, utc("2025-03-31 22:00"))[1] == utc("2025-04-30 22:00")
    skipped = Calendar("week", 1, "Europe/Berlin", datetime(2025, 3, 23, 2, 30))  # noqa: DTZ001
    assert window_of(skipped, utc("2025-03-30 01:29"))[1] == utc("2025-03-30 01:30")
    twice = Calendar("week", 1, "Europe/Berlin", datetime(2025, 10, 19, 2, 30))  # noqa: DTZ001
    assert window_of(twice, utc("2025-10-26 01:29"))[1] == utc("2025-10-26 01:30")
    clamped = Calendar("month", 1, "UTC", datetime(2024, 1, 31))  # noqa: DTZ001
    assert window_of(clamped, utc("2023-03-01")) == (utc("2023-02-28"), utc("2023-03-31"))


MONDAY = utc("2025-06-02")


def test_a_calendar_by_slices_knows_the_slices_to_come() -> None:
    version = Version(components=(component(),), method=TIMESLICES, window=Calendar("week"))
    found = evaluated(version, at=MONDAY + 60, a=run(MONDAY - 50, 110, 1, 1))
    assert found.remaining == Decimal("0.940476190")  # 60 of 1008
    assert found.coverage == 1
    elapsed = evaluated(replace(version, basis="elapsed"), at=MONDAY + 60, a=run(MONDAY - 50, 110, 1, 1))
    assert elapsed.remaining == -9


def test_a_calendar_by_events_expects_the_rate_of_one_width_before() -> None:
    version = Version(components=(component(),), method=OCCURRENCES, window=Calendar("week"))
    samples = run(MONDAY - 60, 60, 0, 3) | run(MONDAY, 60, 1, 1)
    found = evaluated(version, at=MONDAY + 60, a=samples)
    expected = 1 - 60 / (Fraction(60, 10) + Fraction(2 * (WEEK - 60), 10))  # two a minute on average
    assert abs(Fraction(found.remaining) - expected) < Fraction(1, 10**9)
    assert found.remaining < expected


def test_a_fresh_period_is_full() -> None:
    version = Version(components=(component(),), window=Calendar("week"))
    found = evaluated(version, at=MONDAY, a=run(MONDAY - 600, 600, 1, 1))
    assert (found.window[0], found.remaining, found.coverage) == (MONDAY, 1, 1)
    assert found.burn["1h"] == 10


def test_rows_fire_above_their_factor_over_both_windows() -> None:
    version = Version(components=(component("0.99"),), window=30)
    calm = run(HOUR - 30 * 1440, 30 * 1440, 0, 100)
    assert evaluated(version, a=calm).flags == set()
    assert evaluated(version, a=calm | run(HOUR - 60, 60, 15, 100)).firing == ["1h"]
    exactly = dict.fromkeys(range(HOUR - 60, HOUR), (14400, 100000))
    assert evaluated(version, a=calm | exactly).firing == []
    over = evaluated(version, a=calm | run(HOUR - 65, 60, 50, 100))
    assert "1h" not in over.firing  # the short window is calm again
    assert evaluated(version, a=calm | run(HOUR - 65, 65, 50, 100)).firing == ["1h", "6h"]
    assert evaluated(version, a=calm | run(HOUR - 200, 200, 50, 100)).flags == {"burning_fast", "burning_slow"}


def test_one_failure_alone_does_not_fire_and_five_do() -> None:
    version = Version(components=(component("0.999"),), window=30)
    for failures, fires in [(4, False), (5, True)]:
        sparse = {HOUR - 1 - 12 * place: (1000, 1000) for place in range(failures)}
        assert ("1h" in evaluated(version, a=sparse).firing) is fires
    slices = replace(version, method=TIMESLICES, components=(component("0.999"),))
    for failures, fires in [(1, False), (2, True)]:
        sparse = {HOUR - 1 - 12 * place: (1000, 1000) for place in range(failures)}
        assert ("1h" in evaluated(slices, a=sparse).firing) is fires
