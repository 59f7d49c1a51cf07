"""When a measure reaches its limit: a centre line, a band that kept its promise in the past, and three dates.

A series is one value a step, oldest first; None where nothing was measured. Sources: seasonal medians and a repeated
median of slopes are robust forms of decomposition; the width of a band is an empirical quantile of the forecast's own
past errors, as in conformal prediction (Wang and Hyndman 2024). Everything is in the series' unit and in steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from statistics import median

SHARE = 0.8  # of past errors that a band holds
LEAST_POINTS = 30
LEAST_SEASONS = 4
ORIGIN_POINTS, ORIGIN_SEASONS = 10, 2  # that a past forecast must have had: fewer, so that errors are there at once
SLOPE_STEPS = 60
ORIGINS = 120  # of past forecasts that a width is taken from, at most
LEAST_ERRORS = 20  # that a horizon needs for a width of its own
SEASONS = (1, 7, 24)

Series = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected `ahead` steps after the last one. `stretched`: too few errors of this horizon, so the width is
    that of the last horizon that had enough, grown with the square root of the distance."""

    ahead: int
    low: float
    centre: float
    high: float
    stretched: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """Steps after the last one at which the limit is met; None: not in sight. soonest <= likely <= latest."""

    soonest: int | None
    likely: int | None
    latest: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`held`: the share of past values within the bands drawn from what was known before them; None: too few."""

    bands: tuple[Band, ...]
    slope: float
    held: float | None


@dataclass(frozen=True, slots=True)
class _Course:
    """What a series was doing at its step `origin`: seasonal offsets by (step modulo season), the level, the slope."""

    origin: int
    level: float
    slope: float
    offsets: tuple[float, ...]

    def at(self, step: int) -> float:
        return self.level + self.slope * (step - self.origin) + self.offsets[step % len(self.offsets)]


def too_little(series: Series, season: int) -> bool:
    """Whether nothing can be said yet: under 30 points, or not four seasons of them."""
    points = sum(value is not None for value in series)
    return points < LEAST_POINTS or points < LEAST_SEASONS * season


def forecast(series: Series, *, season: int = 1, steps: int) -> Forecast | None:
    """The bands of the next `steps` steps (at least 1), nearest first; None where there is too little data, also where
    gaps leave fewer than LEAST_ERRORS past errors of the nearest step.

    `season`: steps after which the series repeats itself; 1: it does not. Raises ValueError on a season that is not one
    of SEASONS, on fewer than one step and on a value that is no finite number.
    """
    if season not in SEASONS or steps < 1:
        raise ValueError("season is one of 1, 7, 24; steps is at least 1")
    if any(value is not None and not isfinite(value) for value in series):
        raise ValueError("a series holds finite numbers")
    if too_little(series, season):
        return None
    last = len(series) - 1
    courses = {origin: course for origin in range(last + 1) if (course := _course(series, origin, season))}
    now = courses.get(last) or max(courses.values(), key=lambda course: course.origin)
    errors = _errors(series, courses, steps + last - now.origin)
    if not errors:
        return None
    widths = _widths(errors)
    ahead = range(1, steps + 1)
    bands = tuple(_band(now, last + step, step, *_width(widths, last + step - now.origin)) for step in ahead)
    return Forecast(bands, now.slope, _held(errors))


def crossing(bands: Sequence[Band], limit: float, *, rising: bool) -> Crossing:
    """When the limit is met: by the edge of the band that is nearest to it, by the centre, by the farthest edge.

    `rising`: the measure must stay below its limit (used space); otherwise above it (free space).
    """

    def first(name: str) -> int | None:
        for band in bands:
            value: float = getattr(band, name)
            if value >= limit if rising else value <= limit:
                return band.ahead
        return None

    near, far = ("high", "low") if rising else ("low", "high")
    return Crossing(first(near), first("centre"), first(far))


def _course(series: Series, origin: int, season: int) -> _Course | None:
    """What the series did until `origin`, from its last steps alone; None where they are too few."""
    if origin + 1 < max(ORIGIN_POINTS, ORIGIN_SEASONS * season) or series[origin] is None:
        return None
    slope = _slope(series, origin, season)
    begin = max(0, origin + 1 - max(SLOPE_STEPS, LEAST_SEASONS * season))
    level_free = [
        (step, value - slope * (step - origin))
        for step in range(begin, origin + 1)
        if (value := series[step]) is not None
    ]
    offsets = _offsets(level_free, season)
    recent = [value - offsets[step % season] for step, value in level_free if step > origin - max(season, 3)]
    return _Course(origin, median(recent), slope, offsets)


def _slope(series: Series, origin: int, season: int) -> float:
    """The median slope between steps half the window apart: whole seasons apart, so that seasons cancel out."""
    apart = max(1, round(SLOPE_STEPS / 2 / season)) * season
    begin = max(0, origin + 1 - max(SLOPE_STEPS, 2 * apart))
    apart = min(apart, max(season, (origin - begin) // 2 // season * season))
    slopes = [
        (later - earlier) / apart
        for step in range(begin, origin + 1 - apart)
        if (earlier := series[step]) is not None and (later := series[step + apart]) is not None
    ]
    return median(slopes) if slopes else 0.0


def _offsets(level_free: Sequence[tuple[int, float]], season: int) -> tuple[float, ...]:
    if season == 1:
        return (0.0,)
    middle = median(value for _step, value in level_free)
    by_phase: list[list[float]] = [[] for _ in range(season)]
    for step, value in level_free:
        by_phase[step % season].append(value - middle)
    return tuple(median(values) if values else 0.0 for values in by_phase)


def _errors(series: Series, courses: dict[int, _Course], steps: int) -> list[list[float]]:
    """By horizon from 1 on: the absolute errors of past forecasts, newest origin first, at most ORIGINS of each."""
    newest_first = sorted(courses, reverse=True)
    found = []
    for ahead in range(1, steps + 1):
        errors = []
        for origin in newest_first:
            actual = series[origin + ahead] if origin + ahead < len(series) else None
            if actual is not None:
                errors.append(abs(actual - courses[origin].at(origin + ahead)))
                if len(errors) == ORIGINS:
                    break
        if len(errors) < LEAST_ERRORS:
            break
        found.append(errors)
    return found


def _quantile(errors: Sequence[float]) -> float:
    """The smallest error that SHARE of as many and one more lie at or below: with n errors the (n + 1)th keeps it."""
    ordered = sorted(errors)
    return ordered[min(len(ordered), ceil(SHARE * (len(ordered) + 1))) - 1]


def _widths(errors: Sequence[Sequence[float]]) -> list[float]:
    """Half the width of the band by horizon, never narrower farther ahead."""
    widths: list[float] = []
    for of_horizon in errors:
        widths.append(max(_quantile(of_horizon), widths[-1] if widths else 0.0))
    return widths


def _width(widths: Sequence[float], ahead: int) -> tuple[float, bool]:
    if ahead <= len(widths):
        return widths[ahead - 1], False
    return widths[-1] * sqrt(ahead / len(widths)), True


def _band(now: _Course, step: int, ahead: int, width: float, stretched: bool) -> Band:
    centre = now.at(step)
    return Band(ahead, centre - width, centre, centre + width, stretched)


def _held(errors: Sequence[Sequence[float]]) -> float | None:
    """Of the newest half of the errors of each horizon, how many lie within the width that the older half gave."""
    inside = tried = 0
    for newest_first in errors:
        half = len(newest_first) // 2
        if half < LEAST_ERRORS:
            continue
        width = _quantile(newest_first[half:])
        tried += half
        inside += sum(error <= width for error in newest_first[:half])
    return inside / tried if tried else None
