"""What follows from a cost: the close code, the counted run, a review, and nothing kinder by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.change.models import Change
from changes.change.operations import deploying
from changes.change.vocabulary import OutcomeCode, ReviewCause
from changes.ledger.operations import staleness, typical
from changes.models import ChangeCost, Debit, History
from incidents.incident import operations as incidents
from itsm.work.models import Link
from slo.engine.samples import Sample
from slo.measuring import operations as measuring
from slo.objectives import operations as objectives
from slo.objectives.queries.gating_budgets import gating_budgets
from tests.factories.changes import a_model, ask, change_of, start
from tests.factories.slo import MEASURER, MINUTE, a_service, an_objective, measured, steady

pytestmark = pytest.mark.django_db
T = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def service(owning):
    """Measured for its whole window of a week: 1 % may fail, nothing did."""
    service = a_service(tier=3)
    objective = an_objective(at=T, service=service, window_days=7, target=Decimal("0.99"))
    measured(objective.indicator, steady(T, 7 * 1440, total=100), T)
    objectives.evaluate(at=T, objectives=[objective.pk])
    a_model(service, owning, at=T)
    return service


def told(service, bad, at=T, total=100):
    indicator = service.objectives.get().indicator
    samples = [Sample(at + MINUTE * place, total - count, total) for place, count in enumerate(bad)]
    now = at + MINUTE * len(bad)
    measuring.record_samples(indicator, samples, actor=MEASURER, at=now)
    objectives.evaluate(at=now, objectives=list(service.objectives.values_list("pk", flat=True)))
    return now


def ran_with(service, asker, bad):
    """A standard change that starts at T, is finished two minutes later, and is watched to its end."""
    evaluation = ask(service, asker, at=T, change_class="standard")
    assert evaluation.status == "approved", evaluation.outcome
    deployment = deploying.finish_deployment(
        start(evaluation.change, asker, at=T), actor=asker, status="succeeded", at=T + 2 * MINUTE
    )
    now = told(service, bad + [0] * (33 - len(bad)))
    deploying.watch_over(evaluation.change_id, now)
    deployment.refresh_from_db()
    return change_of(evaluation), deployment


def test_a_run_within_what_was_reserved_settles_by_itself(service, asker):
    change, deployment = ran_with(service, asker, [0, 3])
    cost = ChangeCost.objects.get()
    assert (cost.failed, cost.why, cost.proposed) == (False, "", OutcomeCode.SUCCESSFUL)
    assert Debit.objects.get().amount == 3000
    assert (change.status, change.outcome_code, deployment.watch) == ("closed", OutcomeCode.SUCCESSFUL, "clean")


def test_where_a_watch_closes_it_is_read_once_which_policy_rules(service, asker):
    evaluation = ask(service, asker, at=T, change_class="standard")
    deployment = start(evaluation.change, asker, at=T)
    deploying.finish_deployment(deployment, actor=asker, status="succeeded", at=T + 2 * MINUTE)
    now = told(service, [0, 3] + [0] * 31)
    with CaptureQueriesContext(connection) as asked:
        deploying.watch_over(evaluation.change_id, now)
    deployment.refresh_from_db()
    assert (change_of(evaluation).status, deployment.watch, deployment.witness) == ("closed", "clean", "measured")
    read = [one["sql"] for one in asked.captured_queries if "EXECUTE ruling_policy" in one["sql"]]
    assert len(read) == 1


def test_a_run_above_it_is_one_with_issues_and_counts_as_failed(service, asker):
    change, deployment = ran_with(service, asker, [0, 20, 40, 45, 40, 40, 40])  # 225 of 10,000 that may fail
    cost = ChangeCost.objects.get()
    assert cost.share > Decimal("0.02") == cost.reserved
    assert (cost.failed, cost.why, cost.proposed) == (True, "debit", OutcomeCode.WITH_ISSUES)
    assert (change.status, change.outcome_code, deployment.watch) == ("reviewing", OutcomeCode.WITH_ISSUES, "unclean")
    assert History.objects.get().recent == [True]


def test_late_data_turn_a_clean_run_into_a_failed_one_and_nothing_turns_it_back(service, asker):
    change, _deployment = ran_with(service, asker, [0, 3])
    now = told(service, [0, 20, 40, 45, 40, 40, 40])
    later = T + timedelta(hours=1)
    assert staleness.keep_up(later) == 1
    history = History.objects.get()
    assert (history.recent, history.runs) == ([True], 1)
    assert Decimal("0.99") < history.weighted_failures <= 1
    assert ChangeCost.objects.get().proposed == OutcomeCode.WITH_ISSUES
    change.refresh_from_db()
    assert change.outcome_code == OutcomeCode.SUCCESSFUL  # it is closed: what people or the watch said stands beside it
    told(service, [0, 0, 0, 0, 0, 0, 0])
    assert staleness.keep_up(later + MINUTE) == 1
    assert ChangeCost.objects.get().failed is False
    assert History.objects.get().recent == [True]
    assert staleness.keep_up(later + MINUTE) == 0
    assert now < later


def test_a_fifth_of_a_budget_is_unsuccessful_and_people_look_back(service, asker):
    change, _deployment = ran_with(service, asker, [0, *[90] * 24])
    assert change.outcome_code == OutcomeCode.WITH_ISSUES  # it burns fast as its watch ends, which then goes on
    assert staleness.keep_up(T + timedelta(minutes=34)) == 1
    change.refresh_from_db()
    assert ChangeCost.objects.get().share > Decimal("0.2")
    assert (change.status, change.outcome_code) == ("reviewing", OutcomeCode.UNSUCCESSFUL)
    assert (change.review_because, change.review_due_at is None) == (ReviewCause.COST, False)


def test_what_failures_cost_is_what_the_next_ones_reserve_and_cheap_ones_make_it_no_smaller(service, asker):
    ran_with(service, asker, [0, 20, 40, 45, 40, 40, 40])
    budget = service.objectives.get().budget
    known = Debit.objects.get()
    for number, share in ((-1, "0.000000001"), (-2, "0.4"), (-3, "0.000000002")):
        other = Change.objects.create(
            service=service, summary=f"Deploy {number}", status="reviewing", created_at=T, content_hash="x"
        )
        Debit.objects.create(
            change=other, objective=known.objective, day=T.date(), amount=1, dependency=0, share=share, gross=share
        )
        ChangeCost.objects.create(
            change=other, share=share, reserved=0, failed=True, why="rolled_back", proposed="unsuccessful",
            reckoned_at=T, final_at=T,
        )  # fmt: skip
        if number == -1:
            assert typical.note_typical(T) == 0  # two are no history
    assert typical.note_typical(T + MINUTE) == 1
    budget.refresh_from_db()
    # 0.4, the debit itself, and twice the floor of the policy: the median lies between the floor and the debit.
    assert budget.typical_cost == ((known.gross + Decimal("0.02")) / 2).quantize(Decimal("1e-9"))
    [seen] = gating_budgets([service.pk], "production", T + 40 * MINUTE)
    assert seen.typical_cost == budget.typical_cost
    assert typical.note_typical(T + MINUTE) == 0


def test_an_incident_that_names_it_makes_the_run_a_failed_one(service, asker):
    change, deployment = ran_with(service, asker, [0, 3])
    at = T + timedelta(hours=1)
    incident = incidents.open_incident(actor=MEASURER, title="Checkout is slow", service=service)
    Link.objects.create(
        from_kind="change", from_id=change.pk, to_kind="incident", to_id=incident.pk, meaning="caused", at=at
    )
    assert staleness.keep_up(at) == 1
    deployment.refresh_from_db()
    assert (ChangeCost.objects.get().why, deployment.watch) == ("incident", "unclean")
    assert History.objects.get().recent == [True]
    assert staleness.keep_up(at + MINUTE) == 0
