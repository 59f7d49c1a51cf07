"""The table through the whole stack: stored budgets, gathered evidence, kept decision, moved change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.environments import operations as environments
from changes.change.workflow import Status
from changes.models import Decision
from incidents.incident import operations as incidents
from itsm.approvals import confirming
from slo.models import Reservation
from slo.objectives import operations as slo
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, attested, change_of, restate, stands
from tests.factories.slo import MEASURER, T0, a_service, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

# fmt: off
#     budget            standard      normal
TABLE = [
    ("healthy",         "approved",   "peer"),  # nobody reviewed it, and there is no history
    ("watch",           "approved",   "peer"),
    ("burning_slow",    "approved",   "peer"),
    ("constrained",     "postponed",  "postponed"),
    ("exhausted",       "postponed",  "postponed"),
    ("burning_fast",    "postponed",  "postponed"),
    ("no_data",         "peer",       "cab"),
    ("low_confidence",  "peer",       "peer"),
]
# fmt: on
STATUS = {
    "approved": ("approved", Status.SCHEDULED),
    "peer": ("pending", Status.ASSESSING),
    "cab": ("pending", Status.ASSESSING),
    "postponed": ("pending", Status.ASSESSING),
    "blocked": ("rejected", Status.DRAFT),
}


def assert_answer(evaluation, outcome):
    """The evaluation, its decision and its change say the same; only an approval holds budget."""
    status, state = STATUS[outcome]
    change = change_of(evaluation)
    assert (evaluation.outcome, evaluation.status, change.status, change.verdict) == (outcome, status, state, outcome)
    assert evaluation.decision.outcome == outcome
    assert Reservation.objects.filter(holder=change.reference, released_at=None).exists() == (outcome == "approved")
    assert (change.authorised_until is not None) == (outcome == "approved")


@pytest.mark.parametrize(("state", "standard", "normal"), TABLE)
def test_each_state_of_a_budget_leads_to_its_cell(asker, owning, state, standard, normal):
    service = a_measured_service(state)
    a_model(service, owning)
    assert_answer(ask(service, asker), normal)
    assert_answer(ask(service, asker, change_class="standard"), standard)


def test_a_normal_change_that_somebody_reviewed_is_approved_once_its_history_is_known(asker, approver):
    service = a_measured_service()
    attested(service, an_artifact("a"), approver)
    assert_answer(ask(service, asker, artifact_digest=an_artifact("a")), "peer")
    from changes.models import History

    History.objects.create(service=service, environment="production", runs=1, weighted_runs=1, as_of=T0)
    assert_answer(ask(service, asker, artifact_digest=an_artifact("a"), summary="Again"), "approved")


def test_a_review_by_the_asker_proves_nothing(asker, pipeline):
    service = a_measured_service()
    from changes.models import History

    History.objects.create(service=service, environment="production", runs=5, weighted_runs=5, as_of=T0)
    attested(service, an_artifact("a"), pipeline)
    evaluation = ask(service, asker, artifact_digest=an_artifact("a"), proof={"peer_review": True})
    assert_answer(evaluation, "peer")


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ({}, "postponed"),
        ({"rollback_tested": True}, "approved"),
        ({"progressive": False, "rollback_tested": True}, "postponed"),
    ],
)
def test_a_constrained_budget_takes_only_progressive_changes_with_a_tested_way_back(asker, owning, bounds, outcome):
    service = a_measured_service("constrained")
    a_model(service, owning, **bounds)
    assert_answer(ask(service, asker, change_class="standard"), outcome)


def test_an_attested_rollback_test_counts_as_much_as_the_models(asker, owning, approver):
    service = a_measured_service("constrained")
    a_model(service, owning)
    attested(service, an_artifact("a"), approver, about=["rollback_tested"])
    assert_answer(ask(service, asker, change_class="standard", artifact_digest=an_artifact("a")), "approved")


@pytest.mark.parametrize(("tier", "standard"), [(1, "peer"), (2, "peer"), (3, "approved"), (4, "approved")])
def test_unmeasured_services_by_tier(asker, owning, tier, standard):
    service = a_service(tier=tier)
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    assert evaluation.outcome == standard
    assert not Reservation.objects.exists()
    assert not evaluation.decision.objectives
    assert ask(service, asker).outcome in {"peer", "cab"}


def test_an_objective_that_does_not_gate_measures_nothing(asker, owning):
    service = a_service(tier=1)
    a_model(service, owning)
    an_objective(service=service, gating=False)
    assert_answer(ask(service, asker, change_class="standard"), "peer")


def test_other_environments_do_not_ask_the_budget(asker, owning):
    service = a_measured_service("exhausted", tier=1)
    a_model(service, owning)
    assert ask(service, asker, change_class="standard", environment="staging").outcome == "approved"
    environments.create_environment(actor=MEASURER, name="prod-eu", is_production=True)
    other = ask(service, asker, change_class="standard", environment="prod-eu")
    assert other.outcome != "approved"  # another production is no playground


def test_the_strictest_of_several_objectives_wins(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    stands(an_objective(service=service), "exhausted", T0)
    assert_answer(ask(service, asker, change_class="standard"), "postponed")


def test_an_open_major_incident_stops_the_service_and_its_dependants(asker, owning, person, as_actor):
    service, above = a_measured_service(), a_measured_service()
    from tests.factories.catalog import relies_on

    relies_on(above, service)
    a_model(service, owning)
    agent = as_actor(person("agent"))
    incident = incidents.open_incident(actor=agent, title="Shop is down", service=above, priority=1, major=True)
    assert_answer(ask(service, asker, change_class="standard"), "postponed")
    waits = incidents.cancel(incident, actor=agent, cancel_code="not_an_incident", reason="False alarm.").awaits
    assert_answer(ask(service, asker, change_class="standard"), "postponed")
    colleague = as_actor(person("agent", username="colleague"))
    confirming.confirm(waits, actor=colleague, at=T0, version=1)
    assert_answer(ask(service, asker, change_class="standard"), "approved")


def test_a_budget_that_was_never_evaluated_lets_nothing_through(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    from slo.models import Budget

    Budget.objects.all().delete()
    assert_answer(ask(service, asker, change_class="standard"), "peer")  # it is judged here, and nothing is seen


def test_an_evaluation_that_stopped_is_no_data(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    assert_answer(ask(service, asker, at=T0 + timedelta(minutes=10), change_class="standard"), "approved")
    assert_answer(ask(service, asker, at=T0 + timedelta(minutes=10, seconds=1), change_class="standard"), "peer")


def test_few_allowed_failures_take_one_change_at_a_time(asker, owning):
    service = a_measured_service()
    restate(service, "healthy", T0, allowed=Decimal(9))
    a_model(service, owning)
    assert ask(service, asker, change_class="standard").outcome == "peer"  # too few to be confident either way


def test_real_samples_lead_to_the_same_answers(asker, owning):
    """Not set but measured: a week of good minutes, then half an hour of failures."""
    service = a_service(tier=3)
    a_model(service, owning)
    objective = an_objective(service=service, window_days=7)
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    evaluated(objective, T0)
    first = ask(service, asker, change_class="standard")
    assert_answer(first, "approved")
    later = T0 + timedelta(minutes=30)
    measured(objective.indicator, steady(later, 30, bad=500), later)
    slo.evaluate(at=later, objectives=[objective.pk])
    first.refresh_from_db()
    assert first.status == "expired"  # nobody had used it, and the budget burns
    slo.release(first.change.reference, actor=MEASURER, reason="test", at=later)
    assert_answer(ask(service, asker, at=later, change_class="standard"), "postponed")


def test_every_decision_keeps_evidence_policy_and_hashes(asker):
    evaluation = ask(a_measured_service(), asker)
    decision = Decision.objects.get(evaluation=evaluation)
    assert decision.all_fresh
    assert (len(decision.evidence_hash), len(decision.verdict_hash)) == (64, 64)
    assert decision.verdict["policy_hash"] == decision.policy.hash
    assert decision.evidence["change"]["content_hash"] == evaluation.content_hash


def test_the_database_refuses_a_blind_approval(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    decision = Decision.objects.get(evaluation=ask(service, asker, change_class="standard"))
    assert (decision.outcome, decision.all_fresh) == ("approved", True)
    decision.pk, decision.all_fresh = None, False
    with pytest.raises(IntegrityError, match="no_approval_is_blind"), transaction.atomic():
        decision.save(force_insert=True)
