"""A new objective reports before it decides: not yet measured is a state of its own, and no way back into it."""

from datetime import timedelta

import pytest

from itsm.kernel.errors import Conflict, InvalidInput
from slo.engine.samples import Sample
from slo.models import Budget, Objective
from slo.objectives import operations
from slo.objectives.queries.gating_budgets import gating_budgets
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def state(objective: Objective) -> str:
    return Budget.objects.get(pk=objective.pk).state


@pytest.mark.parametrize(("minutes", "expected"), [(0, True), (1, True), (59, True), (60, False)])
def test_the_first_hour_of_measurements_is_not_yet_measured(minutes: int, expected: bool) -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, minutes), T0)
    budget = evaluated(objective, T0)
    assert (budget.state == "not_yet_measured") is expected
    assert budget.measured_minutes == minutes
    assert (budget.gates_since is None) is expected


def test_an_hour_with_gaps_takes_as_long_as_it_takes() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 118)[::2], T0)
    assert evaluated(objective, T0).state == "not_yet_measured"
    measured(objective.indicator, [Sample(T0, 1000, 1000)], T0 + MINUTE)
    assert evaluated(objective, T0 + MINUTE).state == "low_confidence"


def test_what_the_indicator_held_before_counts() -> None:
    """An objective on an indicator that has been measured for long decides from its first instant on."""
    indicator = an_indicator()
    measured(indicator, steady(T0, 600), T0)
    objective = an_objective(indicator=indicator)
    assert Budget.objects.get(pk=objective.pk).gates_since == T0


def test_slices_count_the_minutes_that_they_last() -> None:
    objective = an_objective(method="ratio_timeslices", time_slice_minutes=5)
    measured(objective.indicator, steady(T0, 55), T0)
    assert evaluated(objective, T0).state == "not_yet_measured"
    measured(objective.indicator, steady(T0, 60), T0)
    assert "not_yet_measured" not in evaluated(objective, T0).flags


def test_what_decided_once_and_falls_silent_is_no_data() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60), T0)
    since = evaluated(objective, T0).gates_since
    later = evaluated(objective, T0 + DAY)
    assert (later.state, later.gates_since) == ("no_data", since)


def test_another_indicator_does_not_make_an_objective_new_again() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60), T0)
    evaluated(objective, T0)
    operations.edit_objective(objective, actor=MEASURER, version=1, at=T0, indicator=an_indicator())
    for minute in range(3):
        budget = evaluated(objective, T0 + MINUTE * minute)
        assert (budget.state, budget.measured_minutes) == ("no_data", 0)


def test_a_revived_objective_decides_at_once() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60), T0)
    evaluated(objective, T0)
    operations.retire_objective(objective, actor=MEASURER, version=1, at=T0)
    operations.revive_objective(objective, actor=MEASURER, at=T0 + DAY)
    assert state(objective) == "no_data"
    assert evaluated(objective, T0 + DAY + MINUTE).state == "no_data"


def test_silence_within_the_first_hour_is_shown_beside() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 20), T0)
    budget = evaluated(objective, T0 + MINUTE * 30)
    assert (budget.state, budget.flags) == ("not_yet_measured", ["not_yet_measured", "no_data"])


def test_a_new_objective_may_decide_from_a_stated_instant() -> None:
    objective = an_objective(gates_from=T0 + DAY)
    measured(objective.indicator, steady(T0, 600), T0)
    assert evaluated(objective, T0).state == "not_yet_measured"
    assert evaluated(objective, T0 + DAY).state == "no_data"
    with pytest.raises(Conflict, match="already"):
        operations.edit_objective(objective, actor=MEASURER, version=1, at=T0 + DAY, gates_from=T0 + 2 * DAY)


def test_it_does_not_wait_for_ever() -> None:
    with pytest.raises(InvalidInput, match="90 days"):
        an_objective(gates_from=T0 + 91 * DAY)


def test_the_gate_reads_that_it_is_new_and_when_that_was_seen() -> None:
    objective = an_objective()
    (reading,) = gating_budgets([objective.service_id], "production", T0 + MINUTE)
    assert (reading.is_new, reading.state, reading.measured_minutes) == (True, "not_yet_measured", 0)
    assert reading.evaluated_at == T0
