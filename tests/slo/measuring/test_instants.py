"""The instant is an argument: the past is answered as it was, and evaluations at once take turns."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from slo.engine.prefix import Counts
from slo.engine.samples import Sample, epoch_minute
from slo.measuring.operations.samples import record_many
from slo.models import Budget, Indicator, Objective
from slo.objectives import operations
from slo.objectives.queries.evaluate_at import BudgetSnapshot, evaluate_at
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated, measured, steady
from tests.slo.stored import assert_bases_add_up, stored

WEEK = 7 * 1440


def as_kept(budget: Budget) -> dict[str, object]:
    names = set(BudgetSnapshot.__dataclass_fields__) & {field.name for field in Budget._meta.get_fields()}
    return {name: getattr(budget, name) for name in names - {"level", "state"}}


def as_asked(objective: Objective, at: datetime) -> dict[str, object]:
    found = asdict(evaluate_at(at, [objective.pk])[objective.pk])
    return {name: found[name] for name in found.keys() - {"objective_id", "level", "state"}}


@pytest.mark.django_db
def test_the_past_is_answered_as_it_was_evaluated_then() -> None:
    """Minute by minute through two versions, then every one of them asked again at the end."""
    indicator = an_indicator()
    objective = an_objective(indicator=indicator, window_days=7, at=T0)
    measured(indicator, steady(T0, 3000, bad=1), T0)
    then: dict[datetime, dict[str, object]] = {}
    for minute in range(1, 30):
        at = T0 + MINUTE * minute
        measured(indicator, [Sample(at - MINUTE, 1000 - minute % 7 * 100, 1000)], at)
        if minute == 12:
            objective = operations.edit_objective(
                objective, actor=MEASURER, version=objective.version, at=at, target=Decimal("0.99"), window_days=14
            )
        then[at] = as_kept(evaluated(objective, at))
    assert {one["terms_version"] for one in then.values()} == {1, 2}
    assert len({str(one["remaining"]) for one in then.values()}) > 20
    for at, kept in then.items():
        assert as_asked(objective, at) == kept


@pytest.mark.django_db
def test_asking_writes_nothing_and_costs_one_query(django_assert_num_queries: object) -> None:
    objectives = [an_objective() for _ in range(3)]
    before = list(Budget.objects.order_by("pk").values())
    measured(objectives[0].indicator, steady(T0, 60, bad=500), T0)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = evaluate_at(T0, [one.pk for one in objectives])
    assert found[objectives[0].pk].firing
    assert list(Budget.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_write_each_minute_once() -> None:
    """Both bring the same minutes in, and evaluate, all the while; nothing is counted twice and nothing is lost."""
    indicators = [an_indicator() for _ in range(3)]
    objectives = [an_objective(indicator=one, window_days=7, at=T0) for one in indicators]
    for one in indicators:
        measured(one, steady(T0, 70), T0)
    minutes = 25

    def work(_: int) -> None:
        try:
            for minute in range(minutes):
                at = T0 + MINUTE * (minute + 1)
                record_many({one.pk: {epoch_minute(at) - 1: served(one, minute)} for one in indicators}, at=at)
                operations.evaluate(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as schedulers:
        list(schedulers.map(work, range(3)))
    for one, objective in zip(indicators, objectives, strict=True):
        expected = {epoch_minute(T0) + minute: served(one, minute) for minute in range(minutes)}
        assert {minute: kept for minute, kept in stored(one).items() if minute >= epoch_minute(T0)} == expected
        assert_bases_add_up(one)
        budget = Budget.objects.get(pk=objective.pk)
        assert budget.total_in_window == sum(kept.total for kept in stored(one).values())
        assert budget.watermark == T0 + MINUTE * minutes


def served(indicator: Indicator, minute: int) -> Counts:
    return Counts(indicator.pk % 3 * 1000, (minute + 10) * 1000)


@pytest.mark.django_db
def test_a_future_version_is_not_in_force_yet() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK, bad=1), T0)
    later = T0 + timedelta(hours=1)
    operations.edit_objective(objective, actor=MEASURER, version=1, at=later, target=Decimal("0.5"))
    assert evaluate_at(T0, [objective.pk])[objective.pk].terms_version == 1
    assert evaluate_at(later, [objective.pk])[objective.pk].terms_version == 2
    assert evaluate_at(T0, [objective.pk])[objective.pk].remaining == 0
