"""The fast way of the newest minute stores what the general way stores, whatever came before."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slo.engine.prefix import Counts
from slo.engine.samples import epoch_minute
from slo.measuring.operations import samples
from slo.measuring.operations.appending import append
from slo.measuring.operations.series import raw_series
from slo.models import HourCounts, Indicator
from tests.factories.slo import T0, an_indicator, an_objective
from tests.slo.proving import examples
from tests.slo.stored import assert_bases_add_up, held, stored

pytestmark = pytest.mark.django_db

FIRST = epoch_minute(T0 - timedelta(days=3))
# Around what four bytes hold: in one minute, or in a few of them together.
EVENTS = st.sampled_from([0, 0, 1, 1000, 2**31 - 1, 2**31, 2**30, 10**12])
# Mostly the next minute; now and then a gap, the same minute again, or an older one.
STEPS = st.sampled_from([1, 1, 1, 1, 1, 2, 7, 59, 60, 61, 24 * 60, 0, -1, -65])


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[int, Counts]]:
    minute, found = FIRST + draw(st.integers(0, 59)), []
    for step in draw(st.lists(STEPS, min_size=1, max_size=40)):
        minute += step
        total = draw(EVENTS)
        found.append((minute, Counts(draw(st.sampled_from([0, total // 2, total])), total)))
    return found


def rows(indicator: Indicator) -> list[Mapping[str, object]]:
    columns = ("hour", "base_bad", "base_total", "base_valid", "valid", "bad", "total", "wide_bad", "wide_total")
    return list(HourCounts.objects.filter(series=raw_series(indicator)).order_by("hour").values(*columns))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@settings(max_examples=examples(600) // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrived=arrivals())
def test_the_fast_way_stores_what_the_general_way_stores(arrived: list[tuple[int, Counts]]) -> None:
    with undone(), pytest.MonkeyPatch.context() as patched:
        fast, general = an_indicator(), an_indicator()
        for minute, counts in arrived:
            samples.record_many({fast.pk: {minute: counts}}, at=T0)
        patched.setattr(samples, "append", set)
        for minute, counts in arrived:
            samples.record_many({general.pk: {minute: counts}}, at=T0)
        assert rows(fast) == rows(general)
        assert stored(fast) == dict(arrived)
        assert_bases_add_up(fast)


def test_the_usual_minute_takes_the_fast_way() -> None:
    """Else the property above would compare the general way with itself."""
    one = an_indicator().pk
    assert append({one: (FIRST, Counts(1, 2))}) == {one}  # nothing is there to go on from
    samples.record_many({one: {FIRST: Counts(1, 2)}}, at=T0)
    for minute in (1, 2, 5, 59, 60, 200):
        assert append({one: (FIRST + minute, Counts(0, 2))}) == set()
        assert append({one: (FIRST + minute, Counts(0, 2))}) == {one}


def test_the_newest_hour_is_the_live_one_whatever_came() -> None:
    """The minute's work depends on it: what is not live would go the general way, one by one."""
    indicator = an_indicator()
    hours = HourCounts.objects.filter(series=raw_series(indicator)).order_by("hour")
    arrivals: list[dict[int, Counts]] = [
        {FIRST: Counts(1, 2)},
        {FIRST + 60 * ahead: Counts(0, 2**40) for ahead in range(1, 5)},  # several hours, and large
        {FIRST + 30: Counts(0, 2), FIRST + 60 * 6: Counts(0, 2)},  # a late one together with a new one
        {FIRST - 600: Counts(0, 2)},
        {FIRST + 60 * 9: Counts(2, 2)},
    ]
    for minutes in arrivals:
        samples.record_many({indicator.pk: minutes}, at=T0)
        *_, newest = hours.all()
        assert list(hours.filter(live=True)) == [newest]


@pytest.mark.parametrize(("live", "hour"), [(False, FIRST // 60), (False, FIRST // 60 + 1), (True, FIRST // 60 - 1)])
def test_the_database_lets_no_hour_stand_twice_or_behind_the_live_one(live: bool, hour: int) -> None:
    indicator = an_indicator()
    samples.record_many({indicator.pk: {FIRST: Counts(1, 2)}}, at=T0)
    series = raw_series(indicator)
    with pytest.raises(IntegrityError), transaction.atomic():
        HourCounts.objects.create(series=series, hour=hour, valid=1, live=live)
    HourCounts.objects.create(series=series, hour=FIRST // 60 - 1, valid=1)
    assert HourCounts.objects.filter(series=series).count() == 2


def test_an_hour_never_becomes_live_below_another() -> None:
    indicator = an_indicator()
    series = raw_series(indicator)
    HourCounts.objects.create(series=series, hour=FIRST // 60, valid=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        HourCounts.objects.create(series=series, hour=FIRST // 60, valid=1, live=True)


def test_slices_follow_what_came_the_fast_way() -> None:
    indicator = an_indicator()
    objective = an_objective(indicator=indicator, method="ratio_timeslices", time_slice_minutes=5)
    for minute in range(FIRST // 5 * 5, FIRST // 5 * 5 + 12):
        samples.record_many({indicator.pk: {minute: Counts(minute % 5 * 100, 1000)}}, at=T0)
    (span,) = objective.counted_periods.all()
    first = FIRST // 5 * 5
    assert held(span.series) == {
        first + 4: Counts(200_000_000, 10**9),
        first + 9: Counts(200_000_000, 10**9),
        first + 14: Counts(50_000_000, 10**9),
    }
