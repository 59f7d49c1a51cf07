"""Forecasts: bands keep their promise, a line meets its limit on its day, and little data says so."""

from itertools import accumulate, pairwise
from math import nan, pi, sin
from random import Random

import pytest

from catalog.engine.forecast import ORIGINS, Band, Crossing, crossing, forecast, too_little


def _series(name: str, seed: int, steps: int = 230) -> list[float]:
    draw = Random(f"{name} {seed}")
    noise = [draw.gauss(0, 1) for _ in range(steps)]
    days = range(steps)
    match name:
        case "line":
            return [50 + 0.5 * day + 3 * noise[day] for day in days]
        case "weekly":
            return [100 + 0.2 * day + 10 * sin(2 * pi * day / 7) + 2 * noise[day] for day in days]
        case "walk":
            return [100 + walked for walked in accumulate(noise)]
        case "flat":
            return [40 + 4 * noise[day] for day in days]
        case "steps":
            return [10.0 * (day // 45) + noise[day] for day in days]
        case _:
            return [30 + 0.1 * day + abs(noise[day]) ** 3 for day in days]


KINDS = {"line": 1, "weekly": 7, "walk": 1, "flat": 1, "steps": 1, "spiky": 1}


def test_bands_hold_what_they_promise_over_all_kinds_of_series() -> None:
    inside = tried = 0
    for name, season in KINDS.items():
        for seed in range(12):
            series = _series(name, seed)
            found = forecast(series[:200], season=season, steps=30)
            assert found
            inside += sum(band.low <= series[199 + band.ahead] <= band.high for band in found.bands)
            tried += len(found.bands)
    assert 0.75 <= inside / tried <= 0.85


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rising", [True, False])
def test_a_line_meets_its_limit_within_a_day(seed: int, rising: bool) -> None:
    draw = Random(seed)
    way = 1 if rising else -1
    series = [way * (2.0 * day + draw.gauss(0, 0.2)) for day in range(120)]
    found = forecast(series, steps=90)
    assert found
    met = crossing(found.bands, way * 300.0, rising=rising)  # day 150: 31 days after the last
    assert met.soonest
    assert met.likely
    assert met.latest
    assert abs(met.likely - 31) <= 1
    assert met.soonest <= met.likely <= met.latest


def test_seasons_do_not_look_like_growth() -> None:
    series = [100 + 20 * sin(2 * pi * hour / 24) for hour in range(24 * 8)]
    found = forecast(series, season=24, steps=24)
    assert found
    assert abs(found.slope) < 1e-6
    assert all(
        abs(band.centre - 100 - 20 * sin(2 * pi * (24 * 8 - 1 + band.ahead) / 24)) < 1e-6 for band in found.bands
    )


def test_what_is_not_in_sight_has_no_date() -> None:
    flat = [Band(1, 1, 2, 3, False), Band(2, 1, 2, 3, False)]
    assert crossing(flat, 4, rising=True) == Crossing(None, None, None)
    assert crossing(flat, 3, rising=True) == Crossing(1, None, None)
    assert crossing(flat, 1, rising=False) == Crossing(1, None, None)


@pytest.mark.parametrize(("points", "season"), [(29, 1), (29, 7), (27, 7), (95, 24)])
def test_little_data_says_so(points: int, season: int) -> None:
    assert too_little([1.0] * points, season) is (points < 30 or points < 4 * season)
    assert forecast([1.0] * points, season=season, steps=5) is None


def test_gaps_are_no_values() -> None:
    series: list[float | None] = [float(day) for day in range(150)]
    series[40:60] = [None] * 20
    series[149] = None  # nothing came today: the forecast starts at yesterday and still says today's next days
    assert too_little([None] * 200, 1)
    found = forecast(series, steps=3)
    assert found
    assert [round(band.centre) for band in found.bands] == [150, 151, 152]


def test_bands_never_narrow_farther_ahead_and_say_where_they_are_stretched() -> None:
    found = forecast(_series("flat", 3)[:60], steps=60)
    assert found
    widths = [band.high - band.low for band in found.bands]
    assert all(nearer <= farther + 1e-9 for nearer, farther in pairwise(widths))
    assert not found.bands[0].stretched
    assert found.bands[-1].stretched
    assert widths[-1] > widths[30]


def test_old_errors_are_forgotten() -> None:
    draw = Random(1)
    wild = [draw.gauss(0, 50) for _ in range(200)]
    calm = [draw.gauss(0, 1) for _ in range(ORIGINS + 70)]
    found = forecast(wild + calm, steps=1)
    assert found
    assert found.bands[0].high - found.bands[0].low < 10


@pytest.mark.parametrize(
    ("series", "season", "steps"),
    [([1.0] * 50, 5, 1), ([1.0] * 50, 1, 0), ([nan] * 50, 1, 1), ([1.0] * 49 + [float("inf")], 1, 1)],
)
def test_what_is_no_series_is_refused(series: list[float], season: int, steps: int) -> None:
    with pytest.raises(ValueError, match=r"season|finite"):
        forecast(series, season=season, steps=steps)
