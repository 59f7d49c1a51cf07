"""What terms would mean before they are kept: the budget in minutes or events, and what would be left of it.

The figures hold these terms against everything the indicator has measured, as though they had held all along.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from slo.engine.burn import error_budget_ppb
from slo.engine.calendars import Calendar, period
from slo.engine.methods import PPM, UNIT, Member, Method, MissingSlices, slices_of_hour
from slo.engine.prefix import Counts, Hour, minutes_of
from slo.engine.samples import epoch_minute
from slo.engine.stretches import left_of
from slo.engine.windows import MINUTES_PER_DAY, PPB, BudgetBasis
from slo.measuring.models import HourCounts, Indicator, Series

MAX_DAYS_OF_SLICES = 92  # evaluated here and now; a series that is kept already has no such limit


@dataclass(frozen=True, slots=True)
class Asked:
    """Terms as the form gives them: see `slo.objectives.operations.create_objective`."""

    target: Decimal
    method: Method
    slice_minutes: int
    slice_target: Decimal | None
    missing: str
    window_days: int
    calendar: Calendar | None
    basis: str

    @property
    def budget_ppb(self) -> int:
        """The error budget of this target, in parts per billion of what counts."""
        return error_budget_ppb(self.target)


@dataclass(frozen=True, slots=True)
class Would:
    """What would be left; `allowed` failures of the window in events or slices, `bad` ones so far."""

    remaining: Fraction
    allowed: Fraction
    bad: Fraction
    measured_days: int


def would_be(indicator: Indicator, asked: Asked, at: datetime, masked: Sequence[tuple[int, int]] = ()) -> Would | None:
    """None where nothing was measured, or where evaluating the window here would take too long."""
    raw = Series.objects.get(members__indicator=indicator, method=Method.OCCURRENCES.value)
    ending = _watermark(raw, at)
    if ending is None:
        return None
    step = 1 if asked.method is Method.OCCURRENCES else asked.slice_minutes
    # Slices are known up to the newest one that is over.
    ending = ending + -ending % step if ending + -ending % step <= epoch_minute(at) else ending - ending % step
    first, last = _window(asked, ending)
    # A slice that is excluded in part is excluded; it stands at its last minute.
    whole = [(begins - begins % step, ends + -ends % step) for begins, ends in masked]
    sums = _sums(indicator, raw, asked, left_of(first, ending, whole))
    if sums is None:
        return None
    bad, total = sums
    allowed = Fraction(total) * asked.budget_ppb
    if asked.calendar and asked.basis == BudgetBasis.FULL_WINDOW:
        allowed += _to_come(indicator, raw, asked, ending, last) * asked.budget_ppb
    unit = UNIT[asked.method]
    return Would(
        remaining=1 - bad * PPB / allowed if allowed else Fraction(1),
        allowed=allowed / PPB / unit,
        bad=Fraction(bad, unit),
        measured_days=-(-(ending - max(first, raw.began_minute or first)) // MINUTES_PER_DAY),
    )


def _window(asked: Asked, ending: int) -> tuple[int, int]:
    if asked.calendar:
        return period(asked.calendar, ending)
    return ending - asked.window_days * MINUTES_PER_DAY, ending


def _watermark(raw: Series, at: datetime) -> int | None:
    hours = HourCounts.objects.filter(series=raw, valid__gt=0, hour__lte=(epoch_minute(at) - 1) // 60)
    newest = hours.order_by("-hour").values_list("hour", "valid").first()
    return min(newest[0] * 60 + newest[1].bit_length(), epoch_minute(at)) if newest else None


def _sums(
    indicator: Indicator, raw: Series, asked: Asked, stretches: Iterator[tuple[int, int]]
) -> tuple[int, int] | None:
    """(bad, total) in the method's unit."""
    if asked.method is Method.OCCURRENCES:
        return _counted(raw, asked, list(stretches))
    slice_target = int((asked.slice_target or 0) * PPB) if asked.method is Method.TIMESLICES else 0
    key = f"{asked.method.value} {asked.slice_minutes} {indicator.pk}@{slice_target}*{PPM}"
    kept = Series.objects.filter(key=key).first()
    if kept is not None:
        return _counted(kept, asked, list(stretches))
    if asked.window_days > MAX_DAYS_OF_SLICES:
        return None
    return _evaluated_now(raw, Member(indicator.pk, slice_target), asked, list(stretches))


_COUNTED = """
SELECT coalesce(sum(upper.bad - lower.bad), 0), coalesce(sum(upper.total - lower.total), 0)
FROM unnest(%(firsts)s::bigint[], %(ends)s::bigint[]) AS one (first, finish)
CROSS JOIN LATERAL slo_counted(%(series)s, one.first, %(began)s, %(step)s, %(missing)s, %(unit)s) lower
CROSS JOIN LATERAL slo_counted(%(series)s, one.finish, %(began)s, %(step)s, %(missing)s, %(unit)s) upper
"""


def _counted(series: Series, asked: Asked, stretches: Sequence[tuple[int, int]]) -> tuple[int, int]:
    given: dict[str, Any] = {
        "firsts": [first for first, _ in stretches],
        "ends": [end for _, end in stretches],
        "series": series.pk,
        "began": series.began_minute or 0,
        "step": series.step_minutes,
        "missing": asked.missing,
        "unit": UNIT[asked.method],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, given)
        bad, total = cursor.fetchone()
        return int(bad), int(total)


def _evaluated_now(raw: Series, member: Member, asked: Asked, stretches: Sequence[tuple[int, int]]) -> tuple[int, int]:
    bad = total = 0
    step, unit = asked.slice_minutes, UNIT[asked.method]
    for first, end in stretches:
        begun = max(first, raw.began_minute or first)
        valid = 0
        for hour, minutes in _hours(raw, first, end):
            slices = slices_of_hour([member], [minutes], asked.method, step)
            inside = [one for place, one in slices.items() if first <= hour * 60 + place < end]
            valid += len(inside)
            bad, total = bad + sum(one.bad for one in inside), total + sum(one.total for one in inside)
        if asked.missing != MissingSlices.EXCLUDED:
            gaps = max(0, end // step - begun // step - valid) * unit
            total += gaps
            bad += gaps if asked.missing == MissingSlices.BAD else 0
    return bad, total


def _hours(raw: Series, first: int, end: int) -> Iterator[tuple[int, dict[int, Counts]]]:
    rows = HourCounts.objects.filter(series=raw, hour__gte=first // 60, hour__lte=(end - 1) // 60, valid__gt=0)
    columns = ("hour", "valid", "bad", "wide_bad", "total", "wide_total")
    for hour, valid, bad, wide_bad, total, wide_total in rows.values_list(*columns).iterator(chunk_size=500):
        none = Hour()
        yield (
            hour,
            minutes_of(Hour(bad=bad or wide_bad or none.bad, total=total or wide_total or none.total, valid=valid)),
        )


def _to_come(indicator: Indicator, raw: Series, asked: Asked, ending: int, last: int) -> Fraction:
    """What the rest of a calendar period is expected to bring: slices by the clock, events as they came lately."""
    if asked.method is not Method.OCCURRENCES:
        return Fraction((last - ending) * UNIT[asked.method], asked.slice_minutes)
    width = last - _window(asked, ending)[0]
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"series": raw.pk, "first": ending - width, "ending": ending})
        total, valid = cursor.fetchone()
    minutes = int(valid) * indicator.step_minutes
    return Fraction(int(total) * (last - ending), minutes) if minutes else Fraction(0)


_LATELY = """
SELECT coalesce(upper.total, 0) - coalesce(lower.total, 0), coalesce(upper.valid, 0) - coalesce(lower.valid, 0)
FROM (SELECT 1) AS one
LEFT JOIN LATERAL slo_prefix(%(series)s, %(ending)s) upper ON true
LEFT JOIN LATERAL slo_prefix(%(series)s, %(first)s) lower ON true
"""
