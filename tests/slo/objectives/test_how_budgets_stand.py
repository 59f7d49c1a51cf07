"""How the budgets stand that count what is measured: as evaluated last and as the samples stand now, the worse of both."""

from datetime import timedelta
from decimal import Decimal

import pytest

from slo.engine.better_minutes import BudgetsShort
from slo.engine.prefix import Counts
from slo.models import Budget, Objective
from slo.objectives.operations.measured_by import Objectives
from tests.factories.slo import T0, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

DAY, MINUTES = timedelta(days=1), 2 * 1440
TARGET = Decimal("0.99")


@pytest.fixture
def two() -> list[Objective]:
    """Healthy, on one indicator: two days of a thousand events a minute."""
    shared = an_indicator()
    measured(shared, steady(T0, MINUTES), T0)
    made = [an_objective(indicator=shared, window_days=7, target=TARGET) for _ in range(2)]
    for one in made:
        assert evaluated(one, T0).level == "healthy"
    return made


def stand(fed: list[Objective]) -> BudgetsShort:
    return Objectives().standing(fed, T0)


@pytest.mark.parametrize(
    ("level", "flags", "stops", "short"),
    [
        ("healthy", [], False, False),
        ("healthy", ["burning_slow"], False, False),
        ("healthy", ["low_confidence", "burning_fast"], True, True),
        ("watch", [], False, True),
        ("constrained", [], False, True),
        ("exhausted", [], True, True),
    ],
)
def test_what_was_evaluated_last_holds_though_the_samples_look_better_now(
    two: list[Objective], level: str, flags: list[str], stops: bool, short: bool
) -> None:
    """Of the first alone: the other stays as it is, and takes nothing back of what the first said."""
    Budget.objects.filter(pk=two[0].pk).update(level=level, flags=flags)
    shares = (Counts(0, MINUTES * 1000 * 1000),) if short else ()
    assert stand(two) == BudgetsShort(stops_changes=stops, short=short, shares=shares)
    assert stand(two[::-1]) == stand(two)
    assert stand(two[1:]) == BudgetsShort()


def test_the_samples_as_they_stand_now_hold_though_nobody_evaluated_them(two: list[Objective]) -> None:
    bad = steady(T0 - DAY, 200, bad=1000)
    measured(two[0].indicator, bad, T0)
    share = Counts(200 * 1000 * 1000, MINUTES * 1000 * 1000)
    assert stand(two) == BudgetsShort(stops_changes=True, short=True, shares=(share, share))
    Budget.objects.all().delete()
    assert stand(two) == BudgetsShort(stops_changes=True, short=True, shares=(share, share))


def test_a_budget_that_counts_slices_has_no_share_of_events() -> None:
    shared = an_indicator()
    measured(shared, steady(T0, MINUTES), T0)
    sliced = an_objective(
        indicator=shared,
        window_days=7,
        target=TARGET,
        method="timeslices",
        time_slice_target=Decimal("0.95"),
        time_slice_minutes=1,
    )
    evaluated(sliced, T0)
    Budget.objects.update(level="watch")
    assert stand([sliced]) == BudgetsShort(short=True, shares=(None,))
