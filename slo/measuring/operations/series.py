"""Series: found or made for what an objective sums, and rebuilt when their indicators' samples change.

A series of slices is derived: it can be computed again from its indicators' own samples at any time.
Writers lock their indicators in id order, then the series that they rebuild in id order; what the
other indicators of a composite hold is read after that, so the last of two writers sees both.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Min

from slo.engine.methods import Member, Method, slices_of_hour
from slo.engine.prefix import Hour, minutes_of, with_minutes
from slo.measuring.models import HourCounts, Indicator, Series, SeriesMember
from slo.measuring.operations.hours import read_hours, replace_hours

_BACKFILL_HOURS = 24 * 28  # at a time
_FEW = 100


@dataclass(frozen=True, slots=True)
class SliceRule:
    """A series of slices and what feeds it: each member with the series of its own samples."""

    series: Series
    members: Sequence[Member]
    sources: Sequence[int]


def raw_series(indicator: Indicator) -> Series:
    """The indicator's own samples, as they were measured."""
    return Series.objects.get(key=_raw_key(indicator.pk))


def make_raw_series(indicator: Indicator) -> Series:
    """Store the series of an indicator's own good and bad events, with the indicator as its only member."""
    series = Series.objects.create(
        key=_raw_key(indicator.pk), method=Method.OCCURRENCES.value, step_minutes=indicator.step_minutes
    )
    SeriesMember.objects.create(series=series, indicator=indicator)
    return series


def _raw_key(indicator_id: int) -> str:
    return f"occurrences {indicator_id}"


@transaction.atomic
def series_of_slices(members: Sequence[Member], method: Method, slice_minutes: int) -> Series:
    """The series that evaluates these members like this; a new one is computed over all that they hold."""
    key = " ".join(
        [method.value, str(slice_minutes)]
        + [f"{one.indicator_id}@{one.time_slice_target_ppb}*{one.weight_ppm}" for one in members]
    )
    # The indicators first: nothing may be measured between the reading of what they hold and the first write here.
    indicators = Indicator.objects.filter(pk__in=[one.indicator_id for one in members])
    list(indicators.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    series, is_new = Series.objects.get_or_create(
        key=key, defaults={"method": method.value, "step_minutes": slice_minutes}
    )
    if is_new:
        SeriesMember.objects.bulk_create(
            SeriesMember(
                series=series,
                indicator_id=one.indicator_id,
                time_slice_target_ppb=one.time_slice_target_ppb,
                weight_ppm=one.weight_ppm,
            )
            for one in members
        )
        _compute_whole(_slice_rules([series.pk])[0])
    return series


def rebuild_slices(changed: Mapping[int, Iterable[int]]) -> None:
    """Evaluate anew the slices that changed samples touch: indicator id -> minutes. The caller holds the indicators."""
    # All of them, and filtered here: a list of thousands of indicators would cost more than the few series there are.
    fed = SeriesMember.objects.exclude(series__method=Method.OCCURRENCES.value)
    if len(changed) <= _FEW:
        fed = fed.filter(indicator__in=changed)
    touched: dict[int, set[int]] = defaultdict(set)
    for series_id, indicator_id in fed.values_list("series_id", "indicator_id"):
        if indicator_id in changed:
            touched[series_id] |= {minute // 60 for minute in changed[indicator_id]}
    if not touched:
        return
    list(
        Series.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=touched)
        .order_by("pk")
        .values_list("pk")
    )
    for rule in _slice_rules(list(touched)):
        _compute_hours(rule, sorted(touched[rule.series.pk]))


def note_beginning(series_id: int, minute: int) -> None:
    """This is the first minute of a series; nothing before it is missing."""
    Series.objects.filter(pk=series_id).update(began_minute=minute)


def _slice_rules(series_ids: Sequence[int]) -> list[SliceRule]:
    found = Series.objects.filter(pk__in=series_ids).prefetch_related("members").order_by("pk")
    members = {one.pk: sorted(one.members.all(), key=lambda member: member.pk) for one in found}
    keys = {_raw_key(member.indicator_id) for those in members.values() for member in those}
    raw = dict(Series.objects.filter(key__in=keys).values_list("key", "pk"))
    return [
        SliceRule(
            one,
            [Member(m.indicator_id, m.time_slice_target_ppb, m.weight_ppm) for m in members[one.pk]],
            [raw[_raw_key(m.indicator_id)] for m in members[one.pk]],
        )
        for one in found
    ]


def _compute_whole(rule: SliceRule) -> None:
    held = HourCounts.objects.filter(series__in=rule.sources, valid__gt=0).aggregate(Min("hour"), Max("hour"))
    if held["hour__min"] is None:
        return
    for first in range(held["hour__min"], held["hour__max"] + 1, _BACKFILL_HOURS):
        _compute_hours(rule, range(first, min(first + _BACKFILL_HOURS, held["hour__max"] + 1)))


def _compute_hours(rule: SliceRule, hours: Sequence[int]) -> None:
    """Write these hours of the series as its members' samples say now."""
    held = [read_hours(source, hours) for source in rule.sources]
    stored = read_hours(rule.series.pk, hours)
    method = Method(rule.series.method)
    wanted: dict[int, Hour] = {}
    for hour in hours:
        samples = [minutes_of(one[hour]) for one in held]
        slices = slices_of_hour(rule.members, samples, method, rule.series.step_minutes)
        if slices or stored[hour].valid:
            wanted[hour] = with_minutes(Hour(), slices)
    if replace_hours(rule.series.pk, stored, wanted):
        first = min(hour * 60 + min(minutes_of(one)) for hour, one in wanted.items() if one.valid)
        began = rule.series.began_minute
        if began is None or first < began:
            rule.series.began_minute = first - rule.series.step_minutes + 1
            note_beginning(rule.series.pk, rule.series.began_minute)
