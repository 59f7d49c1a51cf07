"""Ways in which the gate was once talked into letting a change go, each refused now, and the honest way beside it.

What is asked from outside of `changes` (samples sent again as good, a lower target, a gentler incident) has its tests
with the objectives and the incidents.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from changes.change.operations import asking, attesting, deploying, editing, people_decide
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Change, ChangeModel, Deployment, Evaluation, History, PolicyActivation, PolicyVersion
from changes.policies import operations as policies
from changes.policies import queries as policy_queries
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Door
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from slo.models import Objective, Reservation
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    an_attestor,
    ask,
    attested,
    change_of,
    question,
    ran,
    restate,
    start,
)
from tests.factories.slo import MINUTE, T0, measured_by

pytestmark = pytest.mark.django_db

GOOD, BAD = an_artifact("good"), an_artifact("bad")
HOUR = timedelta(hours=1)


@pytest.fixture
def eve(person):
    """An engineer, whose pipeline asks for what she writes."""
    return person("engineer", username="eve")


@pytest.fixture
def her_pipeline(person, eve):
    return person("engineer", username="eves-pipeline", account_type="service", owner=eve)


@pytest.fixture
def service(owning):
    """Changes of its kind have gone well, so a review by somebody else is all that is missing."""
    service = a_measured_service()
    History.objects.create(service=service, environment="production", runs=20, weighted_runs=20, as_of=T0,
                           recent=[False] * 20)  # fmt: skip
    return service


def refusals(evaluation):
    return {reason["code"]: reason["values"] for reason in evaluation.decision.verdict["reasons"]}


# -- one person under two names


@pytest.mark.parametrize("asks", ["eve", "her_pipeline"])
def test_an_engineer_and_her_pipeline_do_not_review_each_other(service, eve, her_pipeline, owner, as_actor, asks):
    asker, other = (eve, her_pipeline) if asks == "eve" else (her_pipeline, eve)
    an_attestor(service, her_pipeline, owner)
    attested(service, GOOD, other)
    evaluation = ask(service, as_actor(asker), artifact_digest=GOOD)
    assert evaluation.outcome == "peer"
    assert "needs_peer_review" in refusals(evaluation)


def test_nor_do_two_programs_of_one_person(service, eve, her_pipeline, person, owner, as_actor):
    another = person("engineer", username="eves-bot", account_type="service", owner=eve)
    an_attestor(service, another, owner)
    attested(service, GOOD, another)
    assert ask(service, as_actor(her_pipeline), artifact_digest=GOOD).outcome == "peer"


def test_nor_does_a_program_that_somebody_else_took_over_from_her(service, eve, her_pipeline, person, owner, as_actor):
    """She may go on holding its token, and made it."""
    another = person("engineer", username="eves-bot", account_type="service", owner=eve)
    an_attestor(service, another, owner)
    attested(service, GOOD, another)
    another.owner = person("engineer", username="taker")
    another.save()
    assert ask(service, as_actor(her_pipeline), artifact_digest=GOOD, summary="A word from before").outcome == "peer"
    attested(service, BAD, another)
    assert ask(service, as_actor(her_pipeline), artifact_digest=BAD, summary="A word from after").outcome == "peer"


def test_whoever_took_a_measuring_program_over_does_not_make_it_a_witness(service, eve, her_pipeline, person, as_actor):
    measuring = person("engineer", username="eves-meter", account_type="service", owner=eve)
    measured_by(Objective.objects.get(service=service).indicator, measuring)
    measuring.owner = person("engineer", username="taker")
    measuring.save()
    evaluation = ask(service, as_actor(her_pipeline), change_class="normal", artifact_digest=GOOD)
    assert "self_measured" in refusals(evaluation)


def test_a_review_by_somebody_else_is_one(service, her_pipeline, approver, as_actor):
    attested(service, GOOD, approver)
    assert ask(service, as_actor(her_pipeline), artifact_digest=GOOD).outcome == "approved"


def test_nobody_approves_what_their_own_program_asks(person, as_actor):
    approver = person("approver", username="ada")
    pipeline = person("engineer", username="adas-pipeline", account_type="service", owner=approver)
    change = ask(a_measured_service(), as_actor(pipeline)).change
    with pytest.raises(NotPermitted):
        people_decide.decide_by_person(change, actor=as_actor(approver), decision="approve", comment="", at=T0)
    assert "authorise" not in {step.action for step in change.workflow.open_to(as_actor(approver), change)}


# -- rollbacks


def release(service, actor, digest, at=T0, **how):
    """A standard deployment of this artifact from the question to the end of its watch."""
    restate(service, "healthy", at)
    evaluation = ask(service, actor, at=at, change_class="standard", artifact_digest=digest)
    if evaluation.status != "approved":  # after failures people decide
        approver = User.objects.get_or_create(username="approver", defaults={"roles": ["approver"]})[0]
        approving_it(evaluation.change, actor_for(approver, Door.WEB), at)
    return ran(evaluation.change, actor, at, **how)


def roll_back(service, actor, undoes, at, digest=GOOD, **words):
    exception = {"rollback_of": undoes}
    return ask(service, actor, at=at, purpose="rollback", artifact_digest=digest, exception=exception, **words)


@pytest.fixture
def standard(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


@pytest.fixture
def broken(standard, asker):
    """A good release ran clean, then a bad one failed; the change of the bad one."""
    release(standard, asker, GOOD)
    return release(standard, asker, BAD, T0 + HOUR, status="failed", clean=False).change


def locked(service, managing, at):
    a_window(
        managing, window_type="lockdown", name="Black Friday", starts_at=at, ends_at=at + timedelta(days=1),
        reason="Orders.", at=at, services=[service],
    )  # fmt: skip


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("state", ["healthy", "exhausted", "burning_fast", "no_data"])
def test_a_true_rollback_passes_even_a_lockdown(standard, asker, managing, broken, state, closed):
    at = T0 + 2 * HOUR
    if closed:
        locked(standard, managing, at)
    restate(standard, state, at)
    evaluation = roll_back(standard, asker, broken.reference, at)
    assert (evaluation.outcome, evaluation.status) == ("exception", "approved")
    assert start(evaluation.change, asker, at)


@pytest.mark.parametrize("closed", [False, True])
def test_a_tag_is_no_artifact_to_go_back_to(standard, asker, approving, managing, closed):
    latest = "checkout:latest"
    for number in range(2):
        at = T0 + number * HOUR
        restate(standard, "healthy", at)
        change = ask(standard, asker, at=at, artifact_digest=latest, summary=f"Release {number}").change
        approving_it(change, approving, at)
        ran(change, asker, at)
    at = T0 + 3 * HOUR
    if closed:
        locked(standard, managing, at)
    restate(standard, "exhausted", at)
    evaluation = roll_back(standard, asker, change.reference, at, digest=latest, change_class="standard")
    assert evaluation.outcome == "postponed"
    assert refusals(evaluation)["rollback_unproven"] == {"because": "artifact_can_change"}


def approving_it(change, who, at):
    people_decide.decide_by_person(change, actor=who, decision="approve", comment="", at=at)


@pytest.mark.parametrize(
    ("how", "because"),
    [
        ("never", "never_ran_clean_here"),
        ("failed", "never_ran_clean_here"),
        ("elsewhere", "never_ran_clean_here"),
        ("seconds ago", "not_watched_to_its_end"),
        ("it burned", "never_ran_clean_here"),
        ("it runs", "runs_already"),
        ("undoes a digest", "names_no_change_to_undo"),
        ("undoes nothing that runs", "names_no_change_to_undo"),
        ("undoes another service", "names_no_change_to_undo"),
    ],
)
def test_what_is_no_rollback_is_not_taken_for_one(standard, asker, owning, how, because):
    at, undoes = T0 + 2 * HOUR, ""
    if how == "failed":
        release(standard, asker, GOOD, status="failed", clean=False)
    elif how == "elsewhere":
        release_elsewhere(standard, asker)
    elif how == "it burned":
        deployment = release(standard, asker, GOOD, clean=False)
        restate(standard, "burning_fast", T0 + HOUR)
        deploying.watch_over(deployment.change_id, T0 + HOUR)
    elif how not in ("never", "seconds ago"):
        undoes = release(standard, asker, GOOD).change.reference
    if how != "it runs":
        undoes = release(standard, asker, BAD, T0 + HOUR, status="failed", clean=False).change.reference
    if how == "seconds ago":
        at = T0 + 3 * HOUR
        release(standard, asker, GOOD, at - 2 * MINUTE, clean=False)
        undoes = release(standard, asker, BAD, at - MINUTE, clean=False).change.reference
    if how == "undoes a digest":
        undoes = BAD
    if how == "undoes nothing that runs":
        undoes = Change.objects.order_by("pk").first().reference
    if how == "undoes another service":
        other = a_measured_service()
        a_model(other, owning)
        undoes = release(other, asker, BAD, T0 + HOUR, status="failed", clean=False).change.reference
    restate(standard, "exhausted", at)
    evaluation = roll_back(standard, asker, undoes, at)
    assert evaluation.outcome in ("postponed", "blocked")
    assert refusals(evaluation)["rollback_unproven"] == {"because": because}


def release_elsewhere(service, actor):
    evaluation = ask(service, actor, environment="staging", change_class="standard", artifact_digest=GOOD)
    ran(evaluation.change, actor)


# -- words about artifacts


def test_a_kinder_word_by_somebody_else_does_not_erase_a_strict_one(service, asker, person, as_actor):
    strict, kind = person("engineer", username="strict"), person("engineer", username="kind")
    attested(service, GOOD, strict, failed=1)
    attested(service, GOOD, kind)
    first = ask(service, asker, artifact_digest=GOOD)
    assert first.outcome == "peer"
    word = service_words(service).get(by=strict)
    with pytest.raises(NotPermitted):
        attesting.withdraw(word, actor=as_actor(kind), at=T0)
    taken = attesting.withdraw(word, actor=as_actor(strict), at=T0)
    assert (taken.withdraws, service_words(service).count()) == (word, 3)
    with pytest.raises(WrongState):
        attesting.withdraw(word, actor=as_actor(strict), at=T0)
    assert ask(service, asker, artifact_digest=GOOD).outcome == "approved"


def service_words(service):
    from changes.models import Attestation

    return Attestation.objects.filter(service=service)


def test_a_program_is_believed_when_somebody_named_it(service, asker, person, owning, as_actor):
    host = person("engineer", username="code-host", account_type="service")
    attested(service, GOOD, host)
    assert ask(service, asker, artifact_digest=GOOD, summary="Not named").outcome == "peer"
    # Both changes are open and the owner has no interest in them.
    named = attesting.name_attestor(actor=owning, service=service, about="tests", account=host, at=T0)
    assert ask(service, asker, artifact_digest=GOOD, summary="For tests").outcome == "peer"
    attesting.name_attestor(actor=owning, service=service, about="peer_review", account=host, at=T0)
    assert ask(service, asker, artifact_digest=GOOD, summary="Named").outcome == "approved"
    assert named.named_by_id == owning.id


def test_a_strict_word_outlives_the_dismissal_of_whoever_said_it(service, asker, person, owning):
    scanner = person("engineer", username="scanner", account_type="service")
    named = attesting.name_attestor(actor=owning, service=service, about="scans", account=scanner, at=T0)
    attested(service, GOOD, scanner, about=["scans"], failed=3)
    attesting.dismiss_attestor(named, actor=owning, version=named.version, at=T0 + MINUTE)
    evaluation = ask(service, asker, at=T0 + 2 * MINUTE, artifact_digest=GOOD)
    assert refusals(evaluation)["scan_findings"] == {"findings": "3"}


def test_a_word_is_about_one_artifact_of_one_service(service, asker, approver, as_actor):
    attested(a_measured_service(), GOOD, approver)
    assert ask(service, asker, artifact_digest=GOOD).outcome == "peer"
    for digest in ("checkout:latest", "sha256:abc", GOOD.upper(), GOOD + "0"):
        with pytest.raises(InvalidInput):
            attesting.attest(
                actor=as_actor(approver), service=service, artifact_digest=digest, about="tests", source="ci", at=T0
            )


# -- history


def test_runs_elsewhere_are_no_history_here(standard, asker):
    for number in range(3):
        evaluation = ask(standard, asker, environment="staging", artifact_digest=an_artifact(str(number)))
        ran(evaluation.change, asker)
    assert ask(standard, asker).decision.evidence["history"]["value"]["runs"] == 0
    assert History.objects.get().environment == "staging"


def test_a_run_counts_when_its_watch_is_over_and_a_failure_at_once(standard, asker):
    running = release(standard, asker, GOOD, clean=False)
    assert not History.objects.exists()
    deploying.watch_over(running.change_id, T0 + 2 * MINUTE)  # too early: it is watched on
    running.refresh_from_db()
    assert (running.watch, History.objects.exists()) == ("", False)
    restate(standard, "healthy", running.watched_until)
    deploying.watch_over(running.change_id, running.watched_until)
    deploying.watch_over(running.change_id, running.watched_until)  # and once
    assert History.objects.get().recent == [False]
    release(standard, asker, BAD, T0 + HOUR, status="failed", clean=False)
    assert History.objects.get().recent == [False, True]


def test_a_watch_in_which_the_budget_burned_is_a_failure(standard, asker):
    running = release(standard, asker, GOOD, clean=False)
    for minutes in (31, 61):
        restate(standard, "burning_fast", T0 + minutes * MINUTE)
        deploying.watch_over(running.change_id, T0 + minutes * MINUTE)
    restate(standard, "healthy", T0 + 91 * MINUTE)
    deploying.watch_over(running.change_id, T0 + 91 * MINUTE)
    assert History.objects.get().recent == [True]
    assert Deployment.objects.get().watch == "unclean"


def test_the_database_refuses_a_clean_watch_that_was_not_watched(standard, asker):
    running = release(standard, asker, GOOD, clean=False)
    with pytest.raises(DatabaseError, match="a_clean_watch_was_watched_to_its_end"), transaction.atomic():
        Deployment.objects.filter(pk=running.pk).update(watch="clean", watch_ended_at=T0 + MINUTE)


# -- what an answer is bound to


@pytest.mark.parametrize("digest", ["", "checkout:latest", "sha256:abc"])
def test_without_an_artifact_there_is_no_answer_without_people(standard, asker, digest):
    assert ask(standard, asker, change_class="standard", artifact_digest=digest).outcome == "peer"
    assert ask(standard, asker, change_class="standard").outcome == "approved"


def test_a_start_names_the_artifact(standard, asker, approving):
    bound = ask(standard, asker, change_class="standard").change
    with pytest.raises(InvalidInput, match="Name the artifact"):
        deploying.start_deployment(bound, actor=asker, at=T0)
    settings = ask(standard, asker, artifact_digest="", summary="More shards").change
    approving_it(settings, approving, T0)
    assert deploying.start_deployment(settings, actor=asker, at=T0)  # people approved it as it is


def test_an_approval_by_policy_of_no_artifact_does_not_start(standard, asker):
    change = ask(standard, asker, change_class="standard").change
    Change.objects.filter(pk=change.pk).update(artifact_digest="")
    with pytest.raises(InvalidInput, match="names no artifact"):
        deploying.start_deployment(change, actor=asker, at=T0)


def test_a_window_that_is_over_is_refused(standard, asker):
    over = (T0 - 2 * HOUR, T0 - HOUR)
    with pytest.raises(InvalidInput, match="still to come"):
        ask(standard, asker, window=over)
    change = ask(standard, asker).change
    edited = editing.edit(change, actor=asker, version=change_of_(change).version, at=T0, window_start=over[0],
                          window_end=over[1])  # fmt: skip
    with pytest.raises(InvalidInput, match="still to come"):
        asking.ask_again(edited, actor=asker, at=T0)


def change_of_(change):
    return Change.objects.get(pk=change.pk)


# -- shares


def roomy(owning, room="0.09"):
    service = a_measured_service("constrained")
    restate(service, "constrained", T0, remaining=Decimal(room))
    a_model(service, owning, rollback_tested=True)
    return service


def test_one_asker_holds_at_most_half_of_what_is_free(asker, engineer, owning, person, as_actor):
    service = roomy(owning)
    outcomes = [ask(service, asker, change_class="standard").outcome for _ in range(4)]
    assert outcomes == ["approved", "approved", "postponed", "postponed"]
    waiting = Evaluation.objects.filter(outcome="postponed").first()
    assert refusals(waiting)["fair_share"]["objective"]
    assert waiting.not_before is not None
    # Under another name it is the same person; for somebody else there is room.
    sibling = person(
        "engineer", username="sibling", account_type="service", owner=person("", username="owner-of-pipeline")
    )
    assert ask(service, as_actor(sibling), change_class="standard").outcome == "postponed"
    assert ask(service, as_actor(engineer), change_class="standard").outcome == "approved"


def test_who_waits_for_a_share_sees_their_place_among_their_own(
    asker, engineer, owning, approver, pipeline, api, web, as_actor
):
    service = roomy(owning)
    asked = [ask(service, asker, change_class="standard") for _ in range(4)]
    ask(service, as_actor(engineer), change_class="standard")  # somebody else's stands in no queue of theirs
    client = api(pipeline)
    queues = [client.get(f"/api/v1/gate-evaluations/{one.pk}/").json()["queue"] for one in asked]
    assert queues == [None, None, {"place": 1, "of": 2}, {"place": 2, "of": 2}]
    page = web(approver).get(asked[3].change.get_absolute_url()).content.decode()
    assert "In the queue</dt><dd>2 of 2" in page


def test_who_waits_for_a_share_has_its_turn_when_one_is_given_back(asker, owning):
    service = roomy(owning)
    first, _, third = [ask(service, asker, change_class="standard") for _ in range(3)]
    people_decide.cancel(first.change, actor=asker, why="", at=T0 + MINUTE)
    due.sweep(T0 + MINUTE)
    third.refresh_from_db()
    assert (third.status, third.outcome) == ("approved", "approved")


def test_one_change_may_always_go_and_what_has_its_place_keeps_it(asker, owning):
    service = roomy(owning, "0.03")
    evaluation = ask(service, asker, change_class="standard")
    assert evaluation.outcome == "approved"  # two thirds of what is free
    service = roomy(owning)
    first, second = (ask(service, asker, change_class="standard") for _ in range(2))
    restate(service, "constrained", T0, remaining=Decimal("0.06"))
    assert start(second.change, asker)
    assert start(first.change, asker)
    assert Reservation.objects.filter(released_at=None).count() == 3


# -- the policy


def another(number=2, **limits):
    from dataclasses import replace

    policy = default_policy(version=number)
    return policy_to_json(replace(policy, limits=replace(policy.limits, **limits)))


def test_a_version_that_nobody_approved_rules_nothing(asker, managing, admin):
    before = policies.ruling(T0)
    version = policies.propose(another(), actor=managing, at=T0)
    assert policy_queries.ruling() == before
    PolicyVersion.objects.create(
        slug="default", number=3, hash="f" * 64, content=another(3), proposed_at=T0, proposed_by_id=managing.id
    )
    assert policy_queries.ruling() == before
    for answer in (None, 1):
        with pytest.raises(DatabaseError), transaction.atomic():
            PolicyActivation.objects.create(version=version, answer_id=answer, at=T0)
    assert policy_queries.ruling() == before


def test_another_person_makes_it_rule(managing, admin, person, as_actor):
    before = policies.ruling(T0)
    version = policies.propose(another(), actor=managing, at=T0)
    with pytest.raises(NotPermitted):
        policies.decide(version, actor=managing, decision="approve", comment="", at=T0)
    bot = person("manager", username="managers-bot", account_type="service")
    with pytest.raises(NotPermitted):
        policies.propose(another(4), actor=as_actor(bot), at=T0)
    with pytest.raises(NotPermitted):
        policies.decide(version, actor=as_actor(bot), decision="approve", comment="", at=T0)
    assert policy_queries.ruling() == before
    policies.decide(version, actor=as_actor(admin), decision="approve", comment="Read.", at=T0)
    assert policy_queries.ruling() == version


def test_another_policy_than_the_gates_rules_nothing(managing, admin):
    before = policies.ruling(T0)
    elsewhere = {**another(2), "slug": "elsewhere"}
    with pytest.raises(InvalidInput, match="called default"):
        policies.propose(elsewhere, actor=managing, at=T0)
    assert policy_queries.ruling("elsewhere") is None
    assert policy_queries.ruling() == before


def test_an_approval_of_other_content_makes_nothing_rule(managing, admin, as_actor):
    before = policies.ruling(T0)
    first, second = (policies.propose(another(number), actor=managing, at=T0) for number in (2, 3))
    policies.decide(first, actor=as_actor(admin), decision="decline", comment="No.", at=T0)
    declined = first.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM approvals_approvaldecision")
        (answer,) = cursor.fetchone()
    for version in (declined, second.pk):
        with pytest.raises(DatabaseError, match="approval of another person"), transaction.atomic():
            PolicyActivation.objects.create(version_id=version, answer_id=answer, at=T0)
    assert policy_queries.ruling() == before


def test_a_replay_sees_a_policy_that_is_not_what_its_hash_says(asker, capsys):
    ask(a_measured_service(), asker)
    call_command("replay_decisions")
    with connection.cursor() as cursor:  # as somebody with the owner's rights could
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE changes_policyversion DISABLE TRIGGER changes_policyversion_rows_are_kept")
        cursor.execute("UPDATE changes_policyversion SET content = %s::jsonb", [forged()])
        cursor.execute("ALTER TABLE changes_policyversion ENABLE TRIGGER changes_policyversion_rows_are_kept")
    policy_queries.parsed.cache_clear()
    try:
        with pytest.raises(CommandError):
            call_command("replay_decisions")
        assert "is not what the hash" in capsys.readouterr().err
        with pytest.raises(ValueError, match="is not what the hash"):
            ask(a_measured_service(), asker)
    finally:
        policy_queries.parsed.cache_clear()


def forged():
    import json

    return json.dumps(another(1, fair_share=Decimal(1)))


def test_a_model_is_made_by_somebody_without_an_interest(asker, person, as_actor):
    service = a_measured_service()
    owner = person("owner", username="olaf")
    pipeline = person("engineer", username="olafs-pipeline", account_type="service", owner=owner)
    change = change_of(asking.ask_gate(question(service), actor=as_actor(pipeline), at=T0))
    with pytest.raises(NotPermitted, match=change.reference):
        a_model(service, as_actor(owner))
    assert not ChangeModel.objects.exists()
