"""Taking measurements in: set not added, any order, late, refused with a reason, one writer at a time."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import InvalidInput, NotPermitted
from slo.engine.prefix import Counts
from slo.engine.samples import Reason, Sample, epoch_minute
from slo.measuring import operations
from slo.measuring.operations.samples import record_many
from slo.models import HourCounts, Indicator
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, measured_by, steady
from tests.slo.stored import assert_bases_add_up, stored


def record(indicator: Indicator, *samples: Sample) -> operations.Recorded:
    return operations.record_samples(indicator, samples, actor=MEASURER, at=T0)


@pytest.mark.django_db
def test_any_order_and_any_number_of_resends_store_the_same() -> None:
    """Threat C9: shuffled, doubled and late samples end as the clean series does."""
    shuffle = random.Random(7).shuffle
    samples = [Sample(T0 - MINUTE * (back * 7), 1000 - back % 5, 1000) for back in range(1, 3001)]
    clean, messy = an_indicator(), an_indicator()
    record(clean, *samples)
    doubled = samples + samples[::10]
    shuffle(doubled)
    for first in range(0, len(doubled), 700):
        assert record(messy, *doubled[first : first + 700]).refused == []
    assert stored(messy) == stored(clean)
    assert len(stored(clean)) == 3000
    assert_bases_add_up(clean)
    assert_bases_add_up(messy)


@pytest.mark.django_db
def test_a_minute_sent_again_is_replaced() -> None:
    indicator = an_indicator()
    record(indicator, Sample(T0 - MINUTE, 90, 100))
    record(indicator, Sample(T0 - MINUTE, 5, 7))
    assert stored(indicator) == {epoch_minute(T0) - 1: Counts(2000, 7000)}
    assert HourCounts.objects.get(series__members__indicator=indicator).revision == 2


@pytest.mark.django_db
def test_sending_the_same_again_writes_nothing() -> None:
    indicator = an_indicator()
    samples = steady(T0, 500, bad=1)
    record(indicator, *samples)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert record(indicator, *samples).accepted == 500
    assert not [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]


@pytest.mark.django_db
def test_a_late_sample_moves_every_later_base() -> None:
    indicator = an_indicator()
    record(indicator, *steady(T0, 3000, bad=1))
    record(indicator, Sample(T0 - timedelta(days=60), 0, 50), Sample(T0 - timedelta(hours=30), 1000, 1000))
    assert_bases_add_up(indicator)
    assert len(stored(indicator)) == 3001


def statements(work: Callable[[], object]) -> int:
    """How many it takes; the savepoints of a test's own transaction are not counted."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return sum(not one["sql"].startswith(("SAVEPOINT", "RELEASE")) for one in queries)


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch() -> None:
    """One minute tries the short way first; beyond an hour it is noted that something came late."""
    counts = []
    for batch in (1, 2, 10, 60, 10_000):
        indicator = an_indicator()
        record(indicator, Sample(T0, 1, 1))
        counts.append(statements(lambda indicator=indicator, batch=batch: record(indicator, *steady(T0, batch, bad=1))))
    alone, two, ten, hour, week = counts
    assert two == ten == hour == alone - 3 == week - 1, counts


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch_where_slices_are_evaluated_from_it() -> None:
    indicator = an_indicator()
    for length in (1, 60):
        an_objective(
            indicator=indicator, method="timeslices", time_slice_target=Decimal("0.9"), time_slice_minutes=length
        )
    first, *later = (
        statements(lambda batch=batch: record(indicator, *steady(T0, batch, bad=batch % 7)))
        for batch in (2, 1_000, 5_000, 10_000)
    )
    assert later == [later[0]] * 3
    assert first == later[0] + 2, "the first minutes of a series say where it begins"


@pytest.mark.django_db
def test_many_indicators_newest_minute_costs_as_much_as_ones() -> None:
    indicators = [an_indicator() for _ in range(40)]
    for one in indicators:
        record(one, *steady(T0 - MINUTE, 5))
    newest = {one.pk: {epoch_minute(T0) - 1: Counts(1000, 2000)} for one in indicators}
    assert statements(lambda: record_many(newest, at=T0)) == 3  # are they all there, write them, which slices follow
    assert all(stored(one)[epoch_minute(T0) - 1] == Counts(1000, 2000) for one in indicators)


@pytest.mark.django_db
def test_late_samples_are_noted_by_their_oldest_minute() -> None:
    """Outages are looked at again from there; what comes within the hour is no news."""
    indicator = an_indicator()
    record(indicator, *steady(T0, 50))
    indicator.refresh_from_db()
    assert indicator.backfilled_from is None
    for hours, noted in ((5, 5), (9, 9), (7, 9)):
        record(indicator, Sample(T0 - timedelta(hours=hours), 0, 10))
        indicator.refresh_from_db()
        assert indicator.backfilled_from == epoch_minute(T0) - noted * 60
    Indicator.objects.update(backfilled_from=None)
    record(indicator, Sample(T0 - timedelta(hours=9), 0, 10))  # as it stands already
    indicator.refresh_from_db()
    assert indicator.backfilled_from is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (Sample(T0 + MINUTE, 1, 1), Reason.FUTURE),
        (Sample(T0 - timedelta(days=366, minutes=1), 1, 1), Reason.TOO_OLD),
        (Sample(T0 - timedelta(seconds=30), 1, 1), Reason.NOT_A_MINUTE),
        (Sample(T0 - MINUTE, 2, 1), Reason.GOOD_ABOVE_TOTAL),
        (Sample(T0 - MINUTE, -1, 1), Reason.NEGATIVE),
        (Sample(T0 - MINUTE, Decimal("-0.0001"), 1), Reason.NEGATIVE),
        (Sample(T0 - MINUTE, 0, 10**9 + 1), Reason.TOO_LARGE),
        (Sample(T0 - MINUTE, 0, Decimal("1e40")), Reason.TOO_LARGE),
        (Sample(T0 - MINUTE, 0, Decimal("NaN")), Reason.TOO_LARGE),
    ],
)
def test_one_bad_sample_is_refused_and_the_others_count(sample: Sample, reason: Reason) -> None:
    indicator = an_indicator()
    at_the_edge = Sample(T0 - timedelta(days=366), 1, 2)
    outcome = record(indicator, at_the_edge, sample, Sample(T0, 10**9, 10**9))
    assert outcome.accepted == 2
    assert [(refusal.index, refusal.reason) for refusal in outcome.refused] == [(1, reason)]
    assert len(stored(indicator)) == 2


@pytest.mark.django_db
def test_a_contradiction_within_a_batch_is_refused_and_a_repetition_is_not() -> None:
    indicator = an_indicator()
    same = Sample(T0 - MINUTE, 1, 2)
    outcome = record(indicator, same, same, Sample(T0 - MINUTE, 2, 2))
    assert outcome.accepted == 2
    assert [refusal.reason for refusal in outcome.refused] == [Reason.CONTRADICTED]
    assert stored(indicator)[epoch_minute(T0) - 1] == Counts(1000, 2000)


@pytest.mark.django_db
def test_fractions_are_kept_in_thousandths() -> None:
    indicator = an_indicator()
    record(indicator, Sample(T0 - MINUTE, Decimal("10.3334"), Decimal("10.6667")))
    assert stored(indicator)[epoch_minute(T0) - 1] == Counts(334, 10_667)


@pytest.mark.django_db
def test_more_than_ten_thousand_are_refused_at_once() -> None:
    with pytest.raises(InvalidInput):
        record(an_indicator(), *steady(T0, 10_001))


@pytest.mark.django_db
def test_a_requester_cannot_send_measurements() -> None:
    rita = Actor(7, "Rita", Kind.HUMAN, frozenset({Role.REQUESTER}))
    with pytest.raises(NotPermitted):
        operations.record_samples(an_indicator(), steady(T0, 1), actor=rita, at=T0)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_indicator_lose_nothing() -> None:
    """Both rewrite the same hours; without the lock on the indicator the later commit would erase the earlier."""
    indicator = an_indicator()
    shares = [[Sample(T0 - MINUTE * back, 9, 10) for back in range(first, 600, 4)] for first in range(1, 5)]

    def write(samples: list[Sample]) -> None:
        try:
            for first in range(0, len(samples), 10):
                record(indicator, *samples[first : first + 10])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, shares))
    assert len(stored(indicator)) == 599
    assert_bases_add_up(indicator)


@pytest.mark.django_db
def test_restating_history_is_kept_with_a_name_on_it(person: Callable[..., User]) -> None:
    user = person("engineer", username="Erin")
    erin, indicator = actor_for(user, Door.API), measured_by(an_indicator(), user)
    operations.record_samples(indicator, steady(T0, 30), actor=erin, at=T0)
    assert not Entry.objects.filter(event="indicator.backfilled").exists()
    old = steady(T0 - timedelta(hours=5), 30)
    operations.record_samples(indicator, old, actor=erin, at=T0)
    (entry,) = Entry.objects.filter(event="indicator.backfilled")
    assert (entry.actor_name, entry.changes["minutes"]) == ("Erin", [None, 30])
    operations.record_samples(indicator, old, actor=erin, at=T0)  # the same again
    assert Entry.objects.filter(event="indicator.backfilled").count() == 1
