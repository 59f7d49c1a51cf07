"""The one SQL statement against the slow oracle, over random measurements, orders, resends, gaps and versions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slo import operations
from slo.engine.burn import error_budget_ppb
from slo.engine.prefix import Counts
from slo.engine.samples import Sample, epoch_minute, instant_of
from slo.engine.states import Level, state_of
from slo.models import Budget
from tests.factories.slo import MEASURER, T0, an_indicator, an_objective, evaluated
from tests.slo.oracle import Terms, judge

pytestmark = pytest.mark.django_db

NOW = epoch_minute(T0)
WIDTH = 7 * 1440
TARGETS = st.sampled_from(["0.9", "0.99", "0.999", "0.9995", "0.5", "0.123456789", "0.999999999"]).map(Decimal)
# Where mistakes hide: the newest minutes, each window's edge, the far end of the long window.
PLACES = st.one_of(st.integers(0, 400), st.sampled_from([1440, 4320, WIDTH - 70, WIDTH - 5, WIDTH + 5, 30 * 1440]))


@st.composite
def runs(draw: st.DrawFn) -> list[Sample]:
    """Up to 150 minutes in a row, alike; half of the time with few failures, so that levels differ."""
    end = NOW - draw(PLACES)
    total = draw(st.sampled_from(["0", "1", "7", "1000", "1000000000", "0.333", "12.5005"]).map(Decimal))
    share = draw(st.sampled_from(["0", "0", "0.0004", "0.01", "0.2", "1"]).map(Decimal))
    length = draw(st.integers(1, 150))
    good = total - total * share
    return [Sample(instant_of(minute), good, total) for minute in range(end - length, end)]


BATCHES = st.lists(st.lists(runs(), max_size=3).map(lambda found: [s for run in found for s in run]), max_size=4)


@contextmanager
def undone() -> Iterator[None]:
    """Examples share one test's database; none may see another's rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(indicator: Any, batches: list[list[Sample]], shuffled: Any) -> dict[int, Counts]:
    """Record the batches, each in any order, and return what must stand now: the last word on each minute."""
    kept: dict[int, Counts] = {}
    for batch in batches:
        samples = list({sample.minute: sample for sample in batch}.values())
        shuffled.shuffle(samples)
        outcome = operations.record_samples(indicator, samples, actor=MEASURER, at=T0)
        assert outcome.accepted == len(samples)
        for sample in samples:
            total, good = round(Decimal(sample.total) * 1000), round(Decimal(sample.good) * 1000)
            kept[epoch_minute(sample.minute)] = Counts(total - good, total)
    return kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=BATCHES,
    new=BATCHES,
    shuffled=st.randoms(use_true_random=False),
    target=TARGETS,
    later_target=st.none() | TARGETS,
    other_indicator=st.booleans(),
    version_age=st.sampled_from([0, 3, 47, 360, 2000, WIDTH + 100]),
    looks=st.lists(st.sampled_from([-8 * 1440, -300, -61, -10, -1, 0, 9, 10, 11, 30, 60, 65, 4320, WIDTH]), max_size=4),
)
def test_the_statement_equals_a_sum_over_raw_minutes(
    old: list[list[Sample]],
    new: list[list[Sample]],
    shuffled: Any,
    target: Decimal,
    later_target: Decimal | None,
    other_indicator: bool,
    version_age: int,
    looks: list[int],
) -> None:
    with undone():
        start = T0 - timedelta(minutes=version_age)
        first = an_indicator()
        objective = an_objective(at=T0 - timedelta(days=100), indicator=first, target=target, window_days=7)
        minutes = store(first, old, shuffled)
        terms = [Terms(minutes, error_budget_ppb(target), 0, 2**62)]
        if later_target is not None or other_indicator:
            second = an_indicator() if other_indicator else first
            operations.edit_objective(
                objective, actor=MEASURER, version=1, at=start, target=later_target or target, indicator=second
            )
            objective.refresh_from_db()
            kept = minutes
            minutes = store(second, new, shuffled) if other_indicator else minutes | store(first, new, shuffled)
            terms = [Terms(minutes, error_budget_ppb(target), 0, 2**62)]
            if objective.terms_version == 2:
                edge = epoch_minute(start)
                terms = [
                    Terms(kept if other_indicator else minutes, error_budget_ppb(target), 0, edge),
                    Terms(minutes, error_budget_ppb(later_target or target), edge, 2**62),
                ]
        before = Level(Budget.objects.get(pk=objective.pk).level)
        for look in sorted(looks):
            at = T0 + timedelta(minutes=look, seconds=30)
            expected = judge(terms, NOW + look, 7, before, late_seconds=30)
            budget = evaluated(objective, at)
            assert epoch_minute(budget.watermark) == expected.watermark
            assert budget.remaining == expected.remaining
            assert budget.burn == expected.burn
            assert budget.coverage == round(Decimal(expected.coverage.numerator) / expected.coverage.denominator, 9)
            assert set(budget.flags) == expected.flags
            assert budget.firing == expected.firing
            assert budget.level == expected.level
            assert budget.state == state_of(expected.level, expected.flags)
            before = expected.level
