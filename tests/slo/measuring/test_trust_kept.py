"""Trust as it is evaluated from the database, kept with the budget and read by the gate."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from slo.engine.samples import Sample, Value, epoch_minute
from slo.engine.trust import Mark
from slo.measuring import operations as measuring_operations
from slo.measuring.operations.trust import evaluate_trust
from slo.measuring.queries.trust_facts import facts
from slo.models import Budget, Indicator, Objective
from slo.objectives import operations
from slo.objectives.queries.gating_budgets import GatingBudget, gating_budgets
from slo.objectives.queries.members import MemberTerms
from tests.factories.slo import (
    MEASURER,
    MINUTE,
    T0,
    a_service,
    an_indicator,
    an_objective,
    evaluated,
    measured,
    steady,
)
from tests.slo.engine.test_trust import Past

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def varied(until: object, minutes: int) -> list[Sample]:
    """Traffic that varies, with a few failures."""
    dice = Random(7)
    totals = [dice.randrange(800, 1200) for _ in range(minutes)]
    return [
        Sample(one.minute, total - total // 300, total)
        for one, total in zip(steady(until, minutes), totals, strict=True)  # type: ignore[arg-type]
    ]


def reading(objective: Objective, at: object = T0) -> GatingBudget:
    return gating_budgets([objective.service_id], objective.environment, at)[0]  # type: ignore[arg-type]


def found(objective: Objective, at: object = T0) -> dict[str, object]:
    return {one.mark: one.since for one in reading(objective, at).trust_marks}


def test_a_healthy_series_is_trusted_whole() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, varied(T0, 3 * 1440), T0)
    evaluated(objective, T0)
    assert (reading(objective).trust, reading(objective).trust_marks) == (Decimal(1), ())


def test_what_was_never_measured_is_trusted_by_nobody() -> None:
    assert reading(an_objective()).trust is None


def test_an_evaluation_of_trust_does_not_hold_for_ever() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 120), T0)
    evaluated(objective, T0)
    assert reading(objective, T0 + MINUTE * 30).trust == 1
    assert reading(objective, T0 + MINUTE * 31).trust is None


def test_the_database_sees_what_the_series_holds() -> None:
    """The same sums, and where single minutes are read the same minutes, as by a plain walk over the samples."""
    objective, samples = an_objective(), varied(T0, 2 * 1440)
    samples = [replaced(one) if one.minute >= T0 - MINUTE * 100 else one for one in samples]
    measured(objective.indicator, samples, T0)
    (seen,) = facts(T0, [objective.pk], rest=DAY, most=1)
    counts = {epoch_minute(one.minute): (1000 * int(one.total - one.good), 1000 * int(one.total)) for one in samples}
    assert set(seen.recent.newest) >= {minute for minute in counts if minute > epoch_minute(T0) - 240}
    assert all(counts[minute] == tuple(those) for minute, those in seen.recent.newest.items())
    assert seen.recent.yesterday
    assert all(counts[minute] == tuple(those) for minute, those in seen.recent.yesterday.items())
    in_memory = Past(counts).recent(epoch_minute(T0))  # type: ignore[arg-type]
    kept = replace(in_memory, newest={}, yesterday={}, late_seconds=seen.recent.late_seconds)
    assert replace(seen.recent, newest={}, yesterday={}) == kept


def replaced(one: Sample) -> Sample:
    return Sample(one.minute, 990, 1000)


def test_counters_that_stand_still_are_marked_since_they_do() -> None:
    objective = an_objective()
    measured(objective.indicator, varied(T0, 2 * 1440), T0)
    measured(objective.indicator, [Sample(T0 - MINUTE * back, 990, 1000) for back in range(1, 91)], T0)
    evaluated(objective, T0)
    assert found(objective) == {"flat": T0 - MINUTE * 90}
    assert reading(objective).trust == Decimal("0.5")


def test_events_that_vanish_are_marked_and_stay_so() -> None:
    objective = an_objective()
    measured(objective.indicator, varied(T0, 2 * 1440), T0)
    measured(objective.indicator, steady(T0, 20, total=0), T0)
    evaluated(objective, T0)
    assert found(objective) == {"vanished": T0 - MINUTE * 15}
    later = T0 + 2 * DAY
    for hours in range(1, 49):
        at = T0 + timedelta(hours=hours)
        measured(objective.indicator, steady(at, 60, total=0), at)
        evaluated(objective, at)
    assert found(objective, later)["vanished"] == T0 - MINUTE * 15


@pytest.mark.parametrize(("good", "total"), [(11, 10), (-1, 10), (1, Decimal("NaN"))])
def test_impossible_samples_are_refused_and_remembered(good: int, total: int | Decimal) -> None:
    objective = an_objective()
    measured(objective.indicator, varied(T0, 1440), T0)
    said = measuring_operations.record_samples(
        objective.indicator, [Sample(T0 - MINUTE * 6, good, total)], actor=MEASURER, at=T0 - MINUTE * 5
    )
    assert said.refused
    evaluated(objective, T0)
    assert found(objective) == {"impossible": T0 - MINUTE * 5}


def test_a_sample_that_is_only_too_old_is_held_against_nobody() -> None:
    objective = an_objective()
    measuring_operations.record_samples(objective.indicator, [Sample(T0 - 400 * DAY, 1, 1)], actor=MEASURER, at=T0)
    assert Indicator.objects.get(pk=objective.indicator_id).impossible_at is None


def test_a_gauge_that_stands_still_is_marked() -> None:
    gauge = an_indicator(measure="threshold", op="lt", threshold=Decimal(100))
    objective, dice = an_objective(indicator=gauge), Random(5)
    values = [Value(T0 - MINUTE * back, Decimal(dice.randrange(40, 60))) for back in range(1440, 90, -1)]
    measuring_operations.record_samples(gauge, values, actor=MEASURER, at=T0)
    stuck = [Value(T0 - MINUTE * back, Decimal(63)) for back in range(90, 0, -1)]
    measuring_operations.record_samples(gauge, stuck, actor=MEASURER, at=T0)
    evaluated(objective, T0)
    assert found(objective) == {"flat": T0 - MINUTE * 90}


def test_a_value_from_the_future_does_not_hide_a_run() -> None:
    gauge = an_indicator(measure="threshold", op="lt", threshold=Decimal(100))
    measuring_operations.record_samples(
        gauge, [Value(T0 + DAY, Decimal(1)), Value(T0, Decimal(2))], actor=MEASURER, at=T0
    )
    assert Indicator.objects.get(pk=gauge.pk).value_newest == epoch_minute(T0)


def test_measurements_that_are_always_late_are_marked_and_one_late_one_is_not() -> None:
    objective = an_objective()
    measured(objective.indicator, varied(T0 - MINUTE * 7, 1440), T0)
    evaluated(objective, T0)
    assert found(objective) == {}
    for minute in range(1, 8):
        at = T0 + MINUTE * minute
        measured(objective.indicator, [Sample(at - MINUTE * 8, 1000, 1001)], at)
        evaluated(objective, at)
        evaluated(objective, at)  # who looks again and again tells no habit
    assert set(found(objective, at)) == {"delayed"}


def test_a_composite_is_as_trusted_as_the_least_of_its_members() -> None:
    good, thin = an_indicator(), an_indicator(slug="the-thin-one")
    members = [MemberTerms(one, Decimal("0.999")) for one in (good, thin)]
    objective = operations.create_objective(
        actor=MEASURER, at=T0, slug="both", name="Both", service=a_service(), target=Decimal("0.999"), members=members
    )
    measured(good, varied(T0, 1440), T0)
    measured(thin, varied(T0, 1440)[::3], T0)
    evaluated(objective, T0)
    assert [(one.mark, one.indicator) for one in reading(objective).trust_marks] == [("thin", "the-thin-one")]
    assert reading(objective).trust == Decimal("0.7")


def test_slices_are_trusted_as_the_samples_they_are_evaluated_from() -> None:
    objective = an_objective(method="timeslices", time_slice_target=Decimal("0.9"), time_slice_minutes=5)
    measured(objective.indicator, varied(T0, 1440)[::3], T0)
    evaluated(objective, T0)
    assert set(found(objective)) == {"thin"}


def test_the_sweep_looks_at_each_objective_every_five_minutes() -> None:
    objectives = [an_objective() for _ in range(3)]
    for one in objectives:
        measured(one.indicator, steady(T0, 120), T0)
    assert operations.evaluate(at=T0) == 3
    assert evaluate_trust(at=T0 + MINUTE * 4) == 0
    assert evaluate_trust(at=T0 + MINUTE * 5) == 3
    assert set(Budget.objects.values_list("trust_at", flat=True)) == {T0 + MINUTE * 5}


def test_marks_are_words_that_the_engine_knows() -> None:
    assert {mark.value for mark in Mark} >= {"impossible", "vanished", "flat", "delayed", "thin", "self_measured"}
