"""A verdict reads no budget that is older than the newest acknowledged sample of it, nor than two minutes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.change.operations import evaluating
from changes.change.operations.evaluations import live_evaluation
from changes.change.queries.probing import probe
from changes.models import Evaluation
from itsm.kernel.errors import WrongState
from slo.engine.samples import Sample
from slo.measuring.operations.trust import evaluate_trust
from slo.models import Budget, Objective
from slo.objectives.queries.gating_budgets import gating_budgets
from tests.factories.catalog import relies_on
from tests.factories.changes import a_model, ask, start
from tests.factories.slo import MINUTE, T0, a_service, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db


def outage(objective, at, minutes=5):
    """So many minutes before `at` fail whole; they are acknowledged, and nobody has evaluated them."""
    measured(objective.indicator, steady(at, minutes, bad=1000), at)


def slow_day(objective, at):
    """History is rewritten: an hour of yesterday failed by a fifth."""
    failed = [Sample(at - timedelta(days=1) - MINUTE * back, 800, 1000) for back in range(60)]
    measured(objective.indicator, failed, at)


@pytest.fixture
def objective(owning):
    """Healthy, measured for a week up to T0 and evaluated then; the worker is dead from here on."""
    service = a_service(tier=3)
    objective = an_objective(at=T0 - timedelta(days=8), service=service, window_days=7)
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    evaluated(objective, T0)
    a_model(service, owning)
    return objective


def approved(objective, asker, at=T0):
    evaluation = ask(objective.service, asker, at, change_class="standard")
    assert evaluation.outcome == "approved"
    return evaluation


def test_an_outage_that_nobody_evaluated_yet_holds_an_ask(objective, asker):
    at = T0 + 5 * MINUTE
    measured(objective.indicator, steady(at, 5), at)
    approved(objective, asker, at)
    outage(objective, at + MINUTE, 6)
    assert ask(objective.service, asker, at + MINUTE, change_class="standard").outcome == "postponed"
    assert Budget.objects.get().evaluated_at == at + MINUTE  # the ask did it for everybody


def test_asks_of_one_minute_pay_for_it_once(objective, asker):
    at = T0 + MINUTE
    measured(objective.indicator, steady(at, 1), at)
    ask(objective.service, asker, T0)  # the policy is adopted and parsed
    costs = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            ask(objective.service, asker, at)
        costs.append(sum(one["sql"].startswith("EXECUTE evaluated") for one in captured))
    assert costs == [1, 0, 0]


def test_an_ask_does_not_wait_for_an_evaluation_under_way(objective, asker, monkeypatch):
    """Whoever has the turn is evaluating: the ask judges on the way and writes nothing."""
    from slo.objectives.operations import reservations

    monkeypatch.setattr(reservations, "catch_up", lambda objectives, *, at: False)
    outage(objective, T0)
    assert ask(objective.service, asker, T0, change_class="standard").outcome == "postponed"
    assert Budget.objects.get().state == "healthy"


def test_one_newer_minute_is_enough(objective, asker):
    measured(objective.indicator, [Sample(T0, 0, 500_000)], T0 + MINUTE)
    assert ask(objective.service, asker, T0 + MINUTE, change_class="standard").outcome == "postponed"


def test_a_minute_that_is_not_over_at_the_instant_of_the_ask_is_not_seen(objective, asker):
    measured(objective.indicator, [Sample(T0, 0, 500_000)], T0 + MINUTE)
    approved(objective, asker, T0 + timedelta(seconds=59))


def test_history_that_was_rewritten_is_read_as_it_stands_now(objective, asker):
    slow_day(objective, T0)
    assert ask(objective.service, asker, T0, change_class="standard").outcome == "postponed"


def test_what_nobody_evaluated_for_two_minutes_is_judged_anew(objective, asker):
    outage(objective, T0)
    evaluated(objective, T0)
    healthy = {"remaining": 1, "level": "healthy", "flags": [], "state": "healthy", "burn": [0] * 7}
    Budget.objects.update(**healthy)  # whoever wrote this, it is believed for two minutes
    approved(objective, asker, T0 + 2 * MINUTE)
    later = T0 + 2 * MINUTE + timedelta(seconds=1)
    assert ask(objective.service, asker, later, change_class="standard").outcome == "postponed"


def test_a_start_sees_it(objective, asker):
    evaluation = approved(objective, asker)
    outage(objective, T0)
    with pytest.raises(WrongState, match="may not start"):
        start(evaluation.change, asker, T0)


def test_judging_again_sees_it(objective, asker):
    outage(objective, T0)
    evaluation = ask(objective.service, asker, T0, change_class="standard")
    later = T0 + 8 * timedelta(days=1)
    measured(objective.indicator, steady(later, 7 * 1440), later)
    evaluating.evaluate_again(evaluation.change_id, later - timedelta(days=7, hours=12))
    assert live_evaluation(evaluation.change).status == Evaluation.Status.PENDING
    evaluate_trust(at=later)
    assert evaluating.evaluate(live_evaluation(evaluation.change), at=later).status == Evaluation.Status.APPROVED


def test_the_probe_sees_it_and_writes_nothing(objective, asker):
    outage(objective, T0)
    before = Budget.objects.values().get()
    assert probe(objective.service, actor=asker, at=T0, change_class="standard").verdict.outcome == "postponed"
    assert Budget.objects.values().get() == before


def test_a_service_that_is_only_reached_is_seen_as_it_is_too(objective, asker):
    above = a_service(tier=2)
    relies_on(above, objective.service)
    hit = an_objective(at=T0 - timedelta(days=8), service=above, window_days=7)
    measured(hit.indicator, steady(T0, 7 * 1440), T0)
    evaluated(hit, T0)
    approved(objective, asker)
    outage(hit, T0)
    said = ask(objective.service, asker, T0, change_class="standard")
    assert next(one["code"] for one in said.decision.verdict["reasons"]) == "reached_burning_fast"


def seen(objective, at):
    (reading,) = gating_budgets([objective.service_id], "production", at)
    return reading


@pytest.mark.parametrize("happened", [outage, slow_day, lambda objective, at: None], ids=["outage", "rewritten", "-"])
@pytest.mark.parametrize("later", [MINUTE, 9 * MINUTE, timedelta(hours=3)])
def test_what_is_judged_on_the_way_is_what_an_evaluation_writes(objective, happened, later):
    at = T0 + later
    measured(objective.indicator, steady(at - 2 * MINUTE, max(0, int(later / MINUTE) - 2)), at)
    happened(objective, at)
    evaluate_trust(at=at, objectives=[objective.pk])  # by the worker alone; where it is late, people decide
    on_the_way = seen(objective, at)
    evaluated(objective, at)
    assert seen(objective, at) == replace(on_the_way, evaluated_at=at)


def test_trust_that_the_worker_did_not_judge_lately_is_missing(objective, asker):
    at = T0 + timedelta(hours=3)
    measured(objective.indicator, steady(at, 180), at)
    assert seen(objective, at).trust is None
    assert ask(objective.service, asker, at, change_class="standard").outcome == "peer"


def test_what_is_fresh_costs_one_query_and_what_is_behind_two(objective):
    for expected in (1, 2, 1):
        with CaptureQueriesContext(connection) as captured:
            seen(objective, T0)
        assert len(captured) == expected
        slow_day(objective, T0) if expected == 1 else evaluated(objective, T0)


def test_slices_that_were_judged_anew_are_seen(objective, asker):
    Objective.objects.filter(pk=objective.pk).update(gating=False)
    sliced = an_objective(
        at=T0 - timedelta(days=8), service=objective.service, window_days=7, indicator=objective.indicator,
        method="timeslices", time_slice_target=Decimal("0.95"),
    )  # fmt: skip
    evaluated(sliced, T0)
    approved(objective, asker)
    slow_day(objective, T0)
    assert ask(objective.service, asker, T0, change_class="standard").outcome == "postponed"
