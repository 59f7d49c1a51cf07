"""Spans: which stretches of which series count for an objective, written anew when its terms or masks change.

They are derived from the versions and the approved corrections, which stay the truth; every query over
windows reads them alone.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from slo.engine.burn import error_budget_ppb
from slo.engine.methods import PPM, Member, Method
from slo.engine.samples import epoch_minute
from slo.engine.stretches import Stretch, left_of
from slo.engine.windows import PPB
from slo.measuring.models import Series
from slo.measuring.operations.series import raw_series, series_of_slices
from slo.objectives.models import Budget, Correction, CountedPeriod, Objective, ObjectiveVersion


class Component(NamedTuple):
    """One series that an objective sums, with its budget ratio and its weight."""

    series: Series
    budget_ppb: int
    weight_ppm: int


def write_counted_periods(objective: Objective) -> None:
    """Replace the objective's counted periods. The caller holds its row, or has just inserted it."""
    masked = excluded_stretches(Correction.objects.masking().filter(objective=objective))
    counted_periods = counted_periods_of(objective, masked)
    CountedPeriod.objects.filter(objective=objective).delete()
    CountedPeriod.objects.bulk_create(counted_periods)
    # Other counted periods, other outages: the whole window is looked at again.
    Budget.objects.filter(pk=objective.pk).update(outages_until=None)


def counted_periods_of(objective: Objective, masked: Sequence[Stretch]) -> list[CountedPeriod]:
    """What counts under every version of the objective, these stretches left out."""
    versions = list(objective.versions.prefetch_related("members__indicator").order_by("number"))
    ends = [*(later.from_minute for _, later in pairwise(versions)), CountedPeriod.FOREVER]
    found: list[CountedPeriod] = []
    for version, until in zip(versions, ends, strict=True):
        for place, component in enumerate(_components(version, objective)):
            wide = [_whole_slices(stretch, component.series.step_minutes) for stretch in masked]
            # A version that is masked whole still has its components: an empty period says which.
            stretches = list(left_of(version.from_minute, until, wide)) or [(version.from_minute, version.from_minute)]
            found += [_span(objective, version.number, place, component, stretch) for stretch in stretches]
            found[-1].is_last = True
    return found


def excluded_stretches(corrections: Collection[Correction]) -> list[Stretch]:
    """Whole minutes: one that is excluded in part is excluded."""
    minute = timedelta(minutes=1)
    return [
        (epoch_minute(one.starts_at), epoch_minute(one.ends_at + minute - timedelta.resolution)) for one in corrections
    ]


def _components(version: ObjectiveVersion, objective: Objective) -> list[Component]:
    """How slices count is as the objective says today; target, indicator and weights are the version's own."""
    method, budget = Method(objective.method), error_budget_ppb(version.target)
    if version.indicator is not None:
        if method is Method.OCCURRENCES:
            return [Component(raw_series(version.indicator), budget, PPM)]
        members = [Member(version.indicator.pk, _bar(None, objective))]
    elif method is Method.OCCURRENCES:
        return [
            Component(raw_series(one.indicator), error_budget_ppb(one.target), int(one.weight * PPM))
            for one in version.members.all()
        ]
    else:
        members = [
            Member(one.indicator_id, _bar(one.time_slice_target, objective), int(one.weight * PPM))
            for one in version.members.all()
        ]
    return [Component(series_of_slices(members, method, objective.time_slice_minutes or 1), budget, PPM)]


def _bar(own: Decimal | None, objective: Objective) -> int:
    """Billionths; only timeslices read it."""
    slice_target = own if own is not None else objective.time_slice_target
    return int(slice_target * PPB) if slice_target is not None else 0


def _whole_slices(stretch: Stretch, step: int) -> Stretch:
    """A slice that is excluded in part is excluded; it stands at its last minute, so its first ones do no harm."""
    first, last = stretch
    return first - first % step, last + -last % step


def _span(objective: Objective, number: int, place: int, component: Component, stretch: Stretch) -> CountedPeriod:
    return CountedPeriod(
        objective=objective, number=number, component=place, series=component.series,
        step_minutes=component.series.step_minutes,
        error_budget_ppb=component.budget_ppb, weight_ppm=component.weight_ppm,
        from_minute=stretch[0], until_minute=stretch[1], is_last=False,
    )  # fmt: skip
