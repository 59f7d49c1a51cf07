"""What "succeeded" is worth: an artifact is known to work once somebody without a stake in it saw so."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from changes.change.operations import deploying, people_decide
from changes.change.operations.disinterest import is_witness
from changes.change.queries.rollbacks import earlier_release, to_return_to
from changes.gate.canonical import from_json, to_json
from changes.gate.decide import decide
from changes.gate.evidence import EarlierRelease
from changes.gate.policy_default import default_policy
from changes.models import Allowance, AllowanceEntry, Change, Deployment, History
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from slo.models import Objective, SelfMeasuring
from tests.changes.gate.scenes import evidence
from tests.factories.allowances import acting, an_agent, given
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, ran, restate, start
from tests.factories.slo import MINUTE, T0, a_service, measured_by

pytestmark = pytest.mark.django_db
GOOD, BAD = an_artifact("good"), an_artifact("bad")
HOUR = timedelta(hours=1)


@pytest.fixture
def eve(person):
    return person("engineer", username="eve")


@pytest.fixture
def her_pipeline(person, eve, as_actor):
    return as_actor(person("engineer", username="eves-pipeline", account_type="service", owner=eve))


@pytest.fixture
def shop(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


def released(service, actor, digest, at=T0, **how):
    """A deployment to the end of its watch; of a service that nobody measures, that ends well by its own word."""
    measured = Objective.objects.filter(service=service).exists()
    if measured:
        restate(service, "healthy", at)
    change = let_go(service, actor, digest, at)
    if measured:
        return ran(change, actor, at, **how)
    deployment = deploying.finish_deployment(start(change, actor, at), actor=actor, status="succeeded", at=at + MINUTE)
    deploying.watch_over(change.pk, at + MINUTE + deploying.WATCH)
    deployment.refresh_from_db()
    return deployment


def let_go(service, actor, digest, at=T0):
    """A standard change that may start, by a person where the policy does not let it go."""
    change = ask(service, actor, at=at, change_class="standard", artifact_digest=digest).change
    change.refresh_from_db()
    if change.status != "scheduled":
        approver = User.objects.get_or_create(username="ann", defaults={"roles": ["approver"]})[0]
        people_decide.decide_by_person(
            change, actor=actor_for(approver, Door.WEB), decision="approve", comment="", at=at
        )  # fmt: skip
    return change


def gone_back(service, actor, undoes, at):
    exception = {"rollback_of": undoes.change.reference}
    return ask(service, actor, at=at, purpose="rollback", artifact_digest=GOOD, exception=exception)


def because(evaluation):
    reasons = {one["code"]: one.get("values", {}) for one in evaluation.decision.verdict["reasons"]}
    return reasons.get("rollback_unproven", {}).get("because")


def test_what_others_measured_is_known_to_work_and_may_be_gone_back_to(shop, her_pipeline):
    good = released(shop, her_pipeline, GOOD)
    assert (good.watch, good.witness, good.is_known_to_work) == ("clean", "measured", True)
    bad = released(shop, her_pipeline, BAD, T0 + HOUR, status="failed", clean=False)
    restate(shop, "exhausted", T0 + 2 * HOUR)
    back = gone_back(shop, her_pipeline, bad, T0 + 2 * HOUR)
    assert back.outcome == "exception"
    assert earlier_release(back, T0 + 2 * HOUR).witness == "measured"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("by others", "30 clean minutes after the deployment"),
        ("by its asker", "30 clean minutes after the deployment, by measurements that nobody else vouches for"),
        (
            "too little",
            "30 minutes after the deployment; the measurements are not trusted enough, so nobody saw whether it works",
        ),
        ("", "30 minutes after the deployment; no objective that counts measured it, so nobody saw whether it works"),
    ],
)
def test_a_change_that_closes_by_itself_says_what_was_measured(her_pipeline, eve, owning, how, said):
    service = a_measured_service() if how else a_service(tier=3)
    a_model(service, owning)
    if how == "by its asker":
        measured_by(Objective.objects.get(service=service).indicator, eve)
    change = let_go(service, her_pipeline, GOOD)
    deploying.finish_deployment(start(change, her_pipeline), actor=her_pipeline, status="succeeded", at=T0 + MINUTE)
    Change.objects.filter(pk=change.pk).update(review_due_at=None)  # as where the policy asks for none
    end = T0 + MINUTE + deploying.WATCH
    if how:
        restate(service, "healthy", end, trust=Decimal("0.7" if how == "too little" else 1))
    deploying.watch_over(change.pk, end)
    assert Entry.objects.get(event="change.auto_closed", record_id=change.pk).remark == said


@pytest.mark.parametrize("allowed", [False, True])
def test_what_only_its_askers_measure_is_known_to_work_by_nobody_unless_the_owner_allows_it(
    shop, eve, her_pipeline, owner, allowed
):
    objective = Objective.objects.get(service=shop)
    measured_by(objective.indicator, eve)
    if allowed:
        SelfMeasuring.objects.create(
            objective=objective, allowed_by=owner, allowed_at=T0, until=(T0 + timedelta(days=30)).date(), reason="None."
        )
    good = released(shop, her_pipeline, GOOD)
    assert (good.watch, good.witness) == ("clean", "measured" if allowed else "")
    bad = released(shop, her_pipeline, BAD, T0 + HOUR, status="failed", clean=False)
    restate(shop, "exhausted", T0 + 2 * HOUR)
    back = gone_back(shop, her_pipeline, bad, T0 + 2 * HOUR)
    assert because(back) == (None if allowed else "seen_by_nobody_else")
    assert (back.outcome == "exception") is allowed


@pytest.mark.parametrize("how", [{"status": "failed", "clean": False}, {"clean": True}])
def test_an_artifact_that_went_badly_here_later_is_known_to_work_no_more(shop, her_pipeline, how):
    good = released(shop, her_pipeline, GOOD)
    between = released(shop, her_pipeline, an_artifact("between"), T0 + HOUR)
    again = released(shop, her_pipeline, GOOD, T0 + 2 * HOUR, **how)
    if again.status == "succeeded":
        Deployment.objects.filter(pk=again.pk).update(watch="unclean", witness="", watch_ended_at=None)
    bad = released(shop, her_pipeline, BAD, T0 + 3 * HOUR, status="failed", clean=False)
    assert good.is_known_to_work
    assert to_return_to(bad) == between
    restate(shop, "exhausted", T0 + 4 * HOUR)
    back = gone_back(shop, her_pipeline, bad, T0 + 4 * HOUR)
    assert (back.outcome, because(back)) != ("exception", None)
    assert because(back) == "never_ran_clean_here"


@pytest.mark.parametrize("trust", [Decimal("0.7"), None])
def test_where_next_to_nothing_happened_nobody_saw_it_work(shop, her_pipeline, trust):
    """As the gate goes by no such measurements: of a night without a request no burn says anything."""
    restate(shop, "healthy", T0)
    change = ask(shop, her_pipeline, change_class="standard", artifact_digest=GOOD).change
    change.refresh_from_db()
    end = T0 + MINUTE + deploying.WATCH
    deployment = deploying.finish_deployment(
        start(change, her_pipeline, T0), actor=her_pipeline, status="succeeded", at=T0 + MINUTE
    )
    restate(shop, "healthy", end, trust=trust)
    deploying.watch_over(change.pk, end)
    deployment.refresh_from_db()
    assert (deployment.watch, deployment.witness) == ("clean", "")


def test_what_nobody_measures_counts_in_production_only_where_it_failed(her_pipeline, owning):
    service = a_service(tier=3)
    a_model(service, owning)
    good = released(service, her_pipeline, GOOD)
    assert (good.watch, good.witness) == ("clean", "")
    assert not History.objects.exists(), "its own word is no run that went well"


def test_a_person_without_a_stake_who_closes_it_as_successful_saw_it_work(her_pipeline, eve, owning, person, as_actor):
    service = a_service(tier=3)
    a_model(service, owning)
    good = released(service, her_pipeline, GOOD)
    Change.objects.filter(pk=good.change_id).update(status="reviewing", review_due_at=None, outcome_code="")
    change = Change.objects.get(pk=good.change_id)
    otto = as_actor(person("owner", username="otto"))
    assert not any(is_witness(change, one) for one in (her_pipeline, as_actor(eve), Actor.system("gate")))
    assert is_witness(change, otto)
    deploying.close(change, actor=otto, outcome_code="successful", note="Fine.")
    good.refresh_from_db()
    assert good.is_known_to_work
    assert History.objects.get().recent == [False], "now it counts"


@pytest.mark.parametrize("alone", [False, True])
def test_a_run_that_only_its_owner_measured_refills_no_allowance(shop, eve, managing, alone):
    if alone:
        measured_by(Objective.objects.get(service=shop).indicator, eve)
    agent = an_agent(eve)
    allowance = given(shop, agent, managing)
    Allowance.objects.filter(pk=allowance.pk).update(left=allowance.share / 2)
    released(shop, acting(agent), GOOD)
    assert AllowanceEntry.objects.filter(what="refilled").exists() is not alone


def test_one_known_to_work_is_gone_back_to_before_a_newer_one_that_nobody_saw(
    shop, eve, her_pipeline, person, as_actor
):
    good = released(shop, her_pipeline, GOOD)
    measured_by(Objective.objects.get(service=shop).indicator, eve)
    later = released(shop, her_pipeline, an_artifact("later"), T0 + HOUR)
    bad = released(shop, her_pipeline, BAD, T0 + 2 * HOUR)
    assert (later.watch, later.is_known_to_work) == ("clean", False)
    assert to_return_to(bad) == good


def test_the_database_knows_no_witness_of_what_failed(shop, her_pipeline):
    bad = released(shop, her_pipeline, BAD, status="failed", clean=False)
    with pytest.raises(DatabaseError, match="what_somebody_saw_work_has_succeeded"), transaction.atomic():
        Deployment.objects.filter(pk=bad.pk).update(witness="person")


@pytest.mark.parametrize(
    ("witness", "outcome"),
    [("measured", "exception"), ("person", "exception"), ("", "peer"), ("odd", "peer"), (None, "exception")],
)
def test_the_gate_believes_witnesses_alone_and_replays_what_was_decided_before_they_were_asked_for(witness, outcome):
    asked = evidence(purpose="rollback", change_class="normal", review="none")
    fact = asked.proof.earlier_release
    release = replace(fact.value, witness=witness)
    asked = replace(asked, proof=replace(asked.proof, earlier_release=replace(fact, value=release)))
    assert decide(asked, default_policy()).outcome == outcome
    written = to_json(release)
    assert ("witness" in written) is (witness is not None), "what was kept before hashes as it did"
    assert from_json(EarlierRelease, written) == release


def test_who_wants_something_else_of_the_service_closes_it_and_is_no_witness(her_pipeline, owning, person, as_actor):
    service = a_service(tier=3)
    a_model(service, owning)
    good = released(service, her_pipeline, GOOD)
    Change.objects.filter(pk=good.change_id).update(status="reviewing", review_due_at=None, outcome_code="successful")
    otto = as_actor(person("owner", username="otto"))
    ask(service, otto, at=T0 + HOUR, artifact_digest=BAD)
    change = Change.objects.get(pk=good.change_id)
    assert not is_witness(change, otto)
    deploying.close(change, actor=otto, outcome_code="successful", note="Fine.")
    good.refresh_from_db()
    assert (good.witness, History.objects.exists()) == ("", False)


def test_what_an_experiment_named_is_nothing_to_go_back_to(shop, her_pipeline):
    good = released(shop, her_pipeline, GOOD)
    tried = released(shop, her_pipeline, an_artifact("tried"), T0 + HOUR)
    Change.objects.filter(pk=tried.change_id).update(purpose="experiment", stake=Decimal("0.05"))
    bad = released(shop, her_pipeline, BAD, T0 + 2 * HOUR)
    assert to_return_to(bad) == good
