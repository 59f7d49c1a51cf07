"""Reads: recovery, burn-down, outages, the overview; each against hand-made situations."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.errors import NotFound
from slo.engine.states import Flag, State
from slo.models import Budget, Objective
from slo.objectives import operations, queries
from slo.objectives.queries.outages import outages_of
from tests.factories.slo import MEASURER, MINUTE, T0, a_service, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

WEEK = 7 * 1440
ERIN = Actor(None, "Erin", Kind.HUMAN, frozenset({Role.ENGINEER}))
RITA = Actor(None, "Rita", Kind.HUMAN, frozenset({Role.REQUESTER}))


def burnt(bad: int = 300, minutes: int = 60, ago: timedelta = timedelta(days=2), **fields: Any) -> Objective:
    """A week at 1,000 per minute with one bad episode: 10,080 failures are allowed."""
    objective = an_objective(window_days=7, **fields)
    measured(objective.indicator, steady(T0, WEEK), T0)
    measured(objective.indicator, steady(T0 - ago, minutes, bad=bad), T0)
    evaluated(objective, T0)
    return objective


def test_recovery_is_when_enough_failures_have_left_the_window() -> None:
    objective = burnt()  # 18,000 failed; headroom > 0 once fewer than 10,080 are left: 27 of 60 minutes gone
    times = queries.recovery_times([objective.pk], T0)[objective.pk]
    first = T0 - timedelta(days=2) - MINUTE * 60 + timedelta(days=7)
    assert times == {
        Decimal("0"): first + MINUTE * 27,
        Decimal("0.25"): first + MINUTE * 35,
        Decimal("0.50"): first + MINUTE * 44,
    }
    measured(objective.indicator, steady(T0 + timedelta(days=7), WEEK), T0 + timedelta(days=7))
    limits = {1: "0", 2: "0.25", 3: "0.50"}
    for limit in limits.values():
        instant = times[Decimal(limit)]
        assert instant is not None
        assert evaluated(objective, instant - MINUTE).remaining <= Decimal(limit)
        assert evaluated(objective, instant).remaining > Decimal(limit)


def test_recovery_counts_reservations_and_versions() -> None:
    objective = burnt(bad=84)  # 5,040 failed: exactly half is left
    operations.edit_objective(objective, actor=MEASURER, version=1, at=T0, target=Decimal("0.9995"))
    (budget,) = operations.lock_budgets([objective.pk], at=T0)
    operations.reserve(
        budget, holder="CHG-1", ratio=Decimal("0.5"), until=T0 + timedelta(hours=1), actor=MEASURER, at=T0
    )
    times = queries.recovery_times([objective.pk], T0)[objective.pk]
    first = T0 - timedelta(days=2) - MINUTE * 60 + timedelta(days=7)
    assert times == {Decimal("0"): first + MINUTE, Decimal("0.25"): first + MINUTE * 31, Decimal("0.50"): None}


def test_readings_cost_the_same_for_any_number_of_objectives(django_assert_num_queries: Any) -> None:
    shop = a_service()
    for _ in range(5):
        burnt(service=shop)
    an_objective(service=shop, gating=False)
    an_objective(service=shop, environment="staging")
    with django_assert_num_queries(2):
        found = queries.gating_budgets([shop.pk], "production", T0, with_recovery=True)
    assert len(found) == 5
    assert {reading.state for reading in found} == {State.EXHAUSTED}
    assert found[0].allowed_failures == 10_080
    assert queries.gating_budgets([a_service().pk], "production", T0) == []


def test_a_stopped_evaluation_reads_as_no_data() -> None:
    objective = burnt(bad=0)
    (fresh,) = queries.gating_budgets([objective.service_id], "production", T0 + timedelta(minutes=10))
    (stale,) = queries.gating_budgets([objective.service_id], "production", T0 + timedelta(minutes=10, seconds=1))
    assert (fresh.state, fresh.age_seconds) == (State.HEALTHY, 600)
    assert (stale.state, stale.flags) == (State.NO_DATA, (Flag.NO_DATA,))


def test_a_burn_down_starts_full_falls_only_and_ends_at_what_remains() -> None:
    objective = burnt(bad=84)
    line = queries.burn_down(objective, T0)
    shares = [share for _, share in line["points"]]
    assert (shares[0], shares[-1], len(shares)) == (1.0, 0.5, 201)
    assert shares == sorted(shares, reverse=True)
    assert (line["from"], line["to"]) == ("2026-02-23T12:00:00Z", "2026-03-02T12:00:00Z")


def test_a_burn_down_without_measurements_has_no_line() -> None:
    assert queries.burn_down(an_objective(), T0, points=10)["points"] == []


def test_a_burn_down_begins_where_something_was_measured() -> None:
    """Fewer minutes than points: one point a minute, and what each step cost is counted once."""
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 8, bad=5), T0)
    evaluated(objective, T0)
    points = queries.burn_down(objective, T0, points=20)["points"]
    assert [at[-6:] for at, _ in points] == [f"{minute:02d}:00Z"[-6:] for minute in (*range(52, 60), 0)]
    assert [share for _, share in points] == [round(1 - 5 * n / 8, 6) for n in range(9)]


def test_outages_are_burn_episodes_with_their_cost() -> None:
    objective = burnt(bad=84)
    measured(objective.indicator, steady(T0 - timedelta(hours=5), 10, bad=900), T0)
    evaluated(objective, T0)
    operations.recompute_outages(actor=MEASURER, at=T0)
    dear, cheap = outages_of(objective, MEASURER)
    assert (dear.started_at, dear.ended_at) == (T0 - timedelta(hours=5, minutes=10), T0 - timedelta(hours=5))
    assert (dear.failed, dear.cost) == (Decimal(9000), Decimal("0.892857143"))
    assert (cheap.failed, cheap.cost) == (Decimal(5040), Decimal("0.5"))


def test_the_burn_table_has_a_line_per_alert_row() -> None:
    objective = an_objective(target=Decimal("0.9"))
    measured(objective.indicator, steady(T0, 500, bad=700), T0)
    evaluated(objective, T0)
    table = queries.burn_table(Budget.objects.select_related("objective").get(pk=objective.pk))
    assert [(row.long, row.limit, row.fires, row.reachable) for row in table] == [
        ("1h", Decimal("13.44"), False, False),
        ("6h", Decimal("5.6"), True, True),
        ("1d", Decimal("2.8"), True, True),
        ("3d", Decimal("1"), True, True),
    ]
    assert (table[1].burn_long, table[1].burn_short) == (Decimal(7), Decimal(7))


def test_the_overview_is_worst_first_and_costs_one_query(django_assert_num_queries: Any) -> None:
    healthy, exhausted = burnt(bad=0), burnt()
    silent, new = an_objective(), an_objective()
    measured(silent.indicator, steady(T0 - timedelta(hours=1), 60), T0)
    evaluated(silent, T0)
    with django_assert_num_queries(1):
        rows = [(budget.objective.service.slug, budget.objective_id) for budget in queries.all_objectives(ERIN)]
    assert [pk for _, pk in rows] == [exhausted.pk, silent.pk, healthy.pk, new.pk]
    assert list(queries.all_objectives(RITA)) == []


def test_an_objective_that_may_not_be_seen_is_not_there() -> None:
    objective = an_objective()
    assert queries.by_slug(ERIN, objective.slug) == objective
    with pytest.raises(NotFound):
        queries.by_slug(RITA, objective.slug)
