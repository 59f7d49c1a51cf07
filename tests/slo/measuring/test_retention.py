"""Keeping history small: by the day behind a hundred days, gone behind the longest window, and still adding up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.models import Max, Min

from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.errors import NotPermitted
from slo.engine.prefix import Counts
from slo.engine.samples import Reason, Sample, epoch_minute, instant_of
from slo.measuring import operations
from slo.measuring.operations.retention import DAYS_BY_THE_MINUTE
from slo.measuring.operations.samples import record_many
from slo.measuring.operations.series import raw_series
from slo.models import HourCounts, Indicator, Series
from slo.objectives.queries.evaluate_at import BudgetSnapshot, evaluate_at
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, measured
from tests.itsm.rivals import rivals
from tests.slo.stored import held, stored

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = T0.replace(hour=0)
CUT = MIDNIGHT - DAYS_BY_THE_MINUTE * DAY  # days before this one are kept as one row


def thin(at: datetime = T0) -> int:
    return operations.forget_old_hours(actor=MEASURER, at=at)


def scattered(indicator: Indicator, days: int, before: datetime = T0) -> dict[int, int]:
    """A year of some minutes a day, each day's failures its own number; a day now and then says nothing."""
    samples = [
        Sample(before - DAY * back - HOUR * hour, 1000 - back % 97 - hour, 1000)
        for back in range(1, days)
        if back % 13
        for hour in (1, 5, 11)
    ]
    measured(indicator, samples, before)
    return {epoch_minute(one.minute): int(one.total - one.good) * 1000 for one in samples}


def sums(objective_id: int, at: datetime) -> tuple[int, int, Decimal]:
    found: BudgetSnapshot = evaluate_at(at, [objective_id])[objective_id]
    return found.bad_in_window, found.total_in_window, found.coverage


def test_windows_that_begin_at_midnight_are_exact_over_thinned_days() -> None:
    indicator = an_indicator()
    bad = scattered(indicator, 364, MIDNIGHT)
    measured(indicator, [Sample(MIDNIGHT - MINUTE, 999, 1000)], T0)
    bad[epoch_minute(MIDNIGHT) - 1] = 1000
    year, some = (an_objective(indicator=indicator, window_days=days, target=Decimal("0.99")) for days in (366, 150))
    before = [sums(one.pk, MIDNIGHT) for one in (year, some)]
    assert thin() > 200 * 2
    for objective, days, unthinned in ((year, 366, before[0]), (some, 150, before[1])):
        first = epoch_minute(MIDNIGHT - DAY * days)
        exact = sum(failed for minute, failed in bad.items() if first <= minute)
        assert sums(objective.pk, MIDNIGHT)[0] == exact
        assert sums(objective.pk, MIDNIGHT) == unthinned


def test_a_window_that_begins_within_a_thinned_day_counts_that_day_whole() -> None:
    indicator = an_indicator()
    bad = scattered(indicator, 200, MIDNIGHT)
    objective = an_objective(indicator=indicator, window_days=150, target=Decimal("0.99"))
    noon = MIDNIGHT + HOUR * 7
    measured(indicator, [Sample(noon - MINUTE, 1000, 1000)], noon)
    thin()
    first = epoch_minute(MIDNIGHT - DAY * 150)
    assert sums(objective.pk, noon)[0] == sum(failed for minute, failed in bad.items() if first <= minute)


def test_one_row_a_day_is_left_and_nothing_by_the_minute_is_touched() -> None:
    indicator = an_indicator()
    scattered(indicator, 200)
    kept = {minute: counts for minute, counts in stored(indicator).items() if minute >= epoch_minute(CUT)}
    thin()
    cut = epoch_minute(CUT) // 60
    old = HourCounts.objects.filter(hour__lt=cut)
    assert {row.hour % 24 for row in old} == {23}
    assert {(row.bad, row.total, row.wide_bad, row.wide_total, row.valid) for row in old} == {(None,) * 4 + (0,)}
    assert stored(indicator) == kept
    assert set(Series.objects.values_list("thinned_hour", flat=True)) == {cut}


def test_thinning_twice_and_day_after_day_changes_no_sum() -> None:
    indicator = an_indicator()
    bad = scattered(indicator, 200)
    measured(indicator, [Sample(T0 - MINUTE, 1000, 1000)], T0)
    objective = an_objective(indicator=indicator, window_days=180, target=Decimal("0.99"))
    thin()
    rows = list(HourCounts.objects.order_by("hour").values_list("hour", "base_bad", "base_total", "base_valid"))
    assert thin() == 0
    assert list(HourCounts.objects.order_by("hour").values_list("hour", "base_bad", "base_total", "base_valid")) == rows
    whole = HourCounts.objects.aggregate(Max("base_bad"))["base_bad__max"]
    for day in range(1, 6):
        assert thin(T0 + DAY * day) in {0, 3}
        assert HourCounts.objects.aggregate(Max("base_bad"))["base_bad__max"] == whole
    first = epoch_minute(MIDNIGHT - DAY * 180)
    assert sums(objective.pk, T0)[0] == sum(failed for minute, failed in bad.items() if first <= minute)


def test_late_samples_of_thinned_days_are_refused_and_newer_ones_are_not() -> None:
    indicator = an_indicator()
    scattered(indicator, 200)
    late = [Sample(CUT - MINUTE, 1, 2), Sample(CUT, 1, 2)]
    assert operations.record_samples(indicator, late[:1], actor=MEASURER, at=T0).accepted == 1
    thin()
    outcome = operations.record_samples(indicator, late, actor=MEASURER, at=T0)
    assert [(one.index, one.reason) for one in outcome.refused] == [(0, Reason.TOO_OLD)]
    assert epoch_minute(CUT) in stored(indicator)


def test_what_was_let_in_before_the_thinning_is_left_out_after_it() -> None:
    """The refusal is decided before the lock; who thins in between wins."""
    indicator = an_indicator()
    scattered(indicator, 200)
    thin()
    rows = list(HourCounts.objects.order_by("hour").values())
    record_many({indicator.pk: {epoch_minute(CUT) - 30: Counts(1000, 1000)}}, at=T0)
    assert list(HourCounts.objects.order_by("hour").values()) == rows


def test_slices_are_thinned_like_the_samples_that_they_are_evaluated_from() -> None:
    indicator = an_indicator()
    objective = an_objective(
        indicator=indicator, window_days=150, target=Decimal("0.99"), method="timeslices",
        time_slice_target=Decimal("0.95"), time_slice_minutes=60, missing_slices="bad",
    )  # fmt: skip
    scattered(indicator, 180, MIDNIGHT)
    before = evaluate_at(MIDNIGHT, [objective.pk])[objective.pk]
    assert before.bad_in_window > before.missing > 0
    thin()
    assert evaluate_at(MIDNIGHT, [objective.pk])[objective.pk] == before
    late = Sample(CUT + HOUR * 2, 0, 1000)
    assert operations.record_samples(indicator, [late], actor=MEASURER, at=T0).accepted == 1
    (slices,) = Series.objects.filter(method="timeslices")
    assert held(slices)[epoch_minute(CUT) + 179].bad == 1000


def test_behind_the_longest_window_only_its_beginning_is_left() -> None:
    indicator = an_indicator()
    bad = scattered(indicator, 360)
    objective = an_objective(indicator=indicator, window_days=366, target=Decimal("0.99"))
    at = MIDNIGHT + DAY * 200
    measured(indicator, [Sample(at - MINUTE, 1000, 1000)], at)
    thin(at)
    oldest = HourCounts.objects.aggregate(Min("hour"))["hour__min"]
    assert epoch_minute(at - DAY * 380) // 60 < oldest <= epoch_minute(at - DAY * 376) // 60
    first = epoch_minute(at - DAY * 366)
    assert sums(objective.pk, at)[0] == sum(failed for minute, failed in bad.items() if first <= minute)


def test_only_headroom_forgets() -> None:
    with pytest.raises(NotPermitted):
        operations.forget_old_hours(actor=Actor(7, "Ada", Kind.HUMAN, frozenset({Role.ADMIN})), at=T0)


@pytest.mark.django_db(transaction=True)
def test_a_writer_and_who_thins_take_turns() -> None:
    """Late samples around the cut, while the cut moves on day by day: no base is left behind."""
    indicator = an_indicator()
    scattered(indicator, 140)
    days = 6

    def write(_: int) -> None:
        try:
            for back in range(60 * 24 * days, 0, -97):
                minute = epoch_minute(CUT + DAY * days) - back
                record_many({indicator.pk: {minute: Counts(1000, 5000)}}, at=T0)
        finally:
            connection.close()

    def forget(_: int) -> None:
        try:
            for day in range(days):
                thin(T0 + DAY * day)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda work: work(0), (write, forget)))
    rows = list(HourCounts.objects.filter(series=raw_series(indicator)).order_by("hour"))
    by_minute = [row for row in rows if row.valid]
    assert instant_of(by_minute[0].hour * 60) >= CUT + DAY * (days - 1)
    bases = [row.base_bad for row in rows]
    assert bases == sorted(bases)
    for earlier, later in pairwise(by_minute):
        failed = (earlier.bad or [0])[-1]
        assert later.base_bad - earlier.base_bad == failed
        assert later.base_valid - earlier.base_valid == earlier.valid.bit_count()


@pytest.mark.django_db(transaction=True)
def test_who_thins_waits_for_a_writer_that_is_under_way() -> None:
    """What is written, but not committed yet, would else be left behind in a day that is kept whole."""
    indicator = an_indicator()
    bad = scattered(indicator, 140)
    late = CUT + HOUR * 9  # in an hour of its own, on the day that is thinned next

    with rivals() as begin:
        with transaction.atomic():
            record_many({indicator.pk: {epoch_minute(late): Counts(7000, 8000)}}, at=T0)
            thinning = begin(lambda: thin(T0 + DAY))
            assert thinning.waits()
        thinning.result()
    assert not HourCounts.objects.filter(hour=epoch_minute(late) // 60).exists()
    rows = HourCounts.objects.filter(series=raw_series(indicator)).order_by("hour")
    before, after = rows.get(hour=epoch_minute(CUT) // 60 - 1), rows.get(hour=epoch_minute(CUT) // 60 + 23)
    of_the_day = [failed for minute, failed in bad.items() if epoch_minute(CUT) <= minute < epoch_minute(CUT + DAY)]
    assert after.base_bad - before.base_bad == sum(of_the_day) + 7000
