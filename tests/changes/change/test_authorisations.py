"""An authorisation: bound to one content, digest, environment and time; used once; checked again; given back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from changes.change.operations import deploying
from changes.change.operations import people_decide as deciding
from changes.change.workflow import Status
from changes.models import Deployment, Evaluation, OutcomeCode
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, WrongState
from slo.models import Reservation
from tests.factories.changes import a_measured_service, a_model, ask, change_of, restate, reviewed
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def approved(asker, owning):
    """An approval by policy at T0; its budget has been healthy since."""
    service = a_measured_service()
    a_model(service, owning)
    return ask(service, asker, change_class="standard")


def start(evaluation, actor, at=T0, **bound):
    bound = {"artifact_digest": evaluation.change.artifact_digest} | bound
    return deploying.start_deployment(evaluation.change, actor=actor, at=at, **bound)


def held(evaluation):
    return Reservation.objects.filter(holder=evaluation.change.reference, released_at=None)


def assert_taken_back(evaluation):
    evaluation.refresh_from_db()
    change = change_of(evaluation)
    assert (evaluation.status, change.status, change.authorised_until) == ("expired", Status.DRAFT, None)
    assert not held(evaluation).exists()
    assert not Due.objects.filter(record_id=change.pk, done_at=None).exists()


def test_it_is_used_once(approved, asker):
    deployment = start(approved, asker)
    approved.refresh_from_db()
    assert (deployment.number, deployment.evaluation, approved.used_at) == (1, approved, T0)
    assert change_of(approved).status == Status.RUNNING
    with pytest.raises(WrongState):
        start(approved, asker)
    assert Deployment.objects.count() == 1


def test_the_database_allows_one_deployment_per_evaluation(approved, asker):
    first = start(approved, asker)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deployment.objects.create(
            change=first.change, number=2, evaluation=approved, environment="production", started_at=T0
        )


def test_it_expires_by_the_clock_before_any_sweeper_comes(approved, asker):
    with pytest.raises(WrongState, match="expired"):
        start(approved, asker, at=T0 + 30 * MINUTE)
    restate(approved.change.service, "healthy", T0 + 29 * MINUTE)
    assert start(approved, asker, at=T0 + 29 * MINUTE).status == "started"


def test_the_sweeper_expires_what_nobody_used(approved):
    assert due.sweep(T0 + 29 * MINUTE) == 0
    assert due.sweep(T0 + 30 * MINUTE) == 1
    assert_taken_back(approved)
    assert due.sweep(T0 + 31 * MINUTE) == 0


def test_a_used_one_does_not_expire(approved, asker):
    start(approved, asker)
    due.sweep(T0 + 60 * MINUTE)
    approved.refresh_from_db()
    assert (approved.status, change_of(approved).status) == ("approved", Status.RUNNING)


def test_the_database_refuses_a_use_after_expiry(approved):
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=approved.pk).update(used_at=T0 + 31 * MINUTE)


@pytest.mark.parametrize("bound", [{"artifact_digest": "sha256:other"}, {"environment": "staging"}])
def test_it_is_bound_to_digest_and_environment(approved, asker, bound):
    with pytest.raises(InvalidInput):
        start(approved, asker, **bound)
    assert start(approved, asker, artifact_digest=approved.change.artifact_digest, environment="production")


def test_it_is_bound_to_its_window(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    window = (T0 + 10 * MINUTE, T0 + 20 * MINUTE)
    evaluation = ask(service, asker, change_class="standard", window=window)
    for at, words in ((window[0] - MINUTE, "opens at"), (window[1], "has closed")):
        restate(service, "healthy", at)
        with pytest.raises(WrongState, match=words):
            start(evaluation, asker, at=at)
    restate(service, "healthy", window[0])
    assert start(evaluation, asker, at=window[0])


@pytest.mark.parametrize("state", ["constrained", "exhausted", "burning_fast", "no_data", "low_confidence"])
def test_a_budget_that_collapsed_meanwhile_takes_it_back(approved, asker, state):
    later = T0 + 5 * MINUTE
    restate(approved.change.service, state, later)
    with pytest.raises(WrongState, match="the gate now says"):
        start(approved, asker, at=later)
    assert_taken_back(approved)


@pytest.mark.django_db(transaction=True)
def test_taking_back_is_committed_though_the_caller_is_refused(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    restate(service, "exhausted", T0 + MINUTE)
    with pytest.raises(WrongState):
        start(evaluation, asker, at=T0 + MINUTE)
    assert not transaction.get_connection().in_atomic_block
    assert_taken_back(evaluation)


def test_its_own_reservation_does_not_stand_in_its_way(asker, owning):
    service = a_measured_service()
    a_model(service, owning, rollback_tested=True)
    restate(service, "constrained", T0, remaining="0.025")
    evaluation = ask(service, asker, change_class="standard")
    assert evaluation.outcome == "approved"
    assert start(evaluation, asker)
    assert held(evaluation).exists()


def test_who_may_not_start_it_changes_nothing(approved, approving, person, as_actor):
    restate(approved.change.service, "exhausted", T0)
    for actor in (approving, as_actor(person("requester")), as_actor(person("engineer", username="otto"))):
        with pytest.raises(NotPermitted):
            start(approved, actor)
    approved.refresh_from_db()
    assert approved.status == "approved"


def test_an_engineer_of_the_owning_team_may_start_it(asker, owning, payments, person, as_actor):
    service = a_measured_service(team=payments)
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    assert start(evaluation, as_actor(person("engineer", payments, username="ada")))


def test_peoples_approval_is_not_judged_again_by_policy(asker, approving):
    evaluation = ask(a_measured_service("no_data"), asker)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    assert start(evaluation, asker, at=T0 + MINUTE)


def finish(deployment, actor, status="succeeded", at=T0 + 5 * MINUTE):
    return deploying.finish_deployment(deployment, actor=actor, status=status, at=at)


def test_thirty_clean_minutes_give_the_budget_back_and_settle_a_standard_change(approved, asker):
    deployment = finish(start(approved, asker), asker)
    restate(approved.change.service, "healthy", T0 + 35 * MINUTE)
    assert due.sweep(T0 + 34 * MINUTE) == 0
    assert held(approved).exists()
    assert due.sweep(T0 + 35 * MINUTE) == 1
    assert not held(approved).exists()
    change = change_of(approved)
    assert (change.status, change.outcome_code) == (Status.CLOSED, OutcomeCode.SUCCESSFUL)
    assert deployment.watched_until == T0 + 35 * MINUTE


def test_a_watch_that_sees_nothing_goes_on_and_says_nothing(approved, asker):
    finish(start(approved, asker), asker)
    restate(approved.change.service, "no_data", T0 + 35 * MINUTE)
    assert due.sweep(T0 + 35 * MINUTE) == 1
    assert held(approved).exists()
    assert change_of(approved).outcome_code == ""  # silence is no issue, and no success either
    restate(approved.change.service, "healthy", T0 + 65 * MINUTE)
    assert due.sweep(T0 + 65 * MINUTE) == 1
    assert change_of(approved).status == Status.CLOSED


def test_a_watch_that_is_not_clean_goes_on(approved, asker):
    finish(start(approved, asker), asker)
    restate(approved.change.service, "burning_fast", T0 + 35 * MINUTE)
    assert due.sweep(T0 + 35 * MINUTE) == 1
    assert held(approved).exists()
    assert change_of(approved).outcome_code == OutcomeCode.WITH_ISSUES
    proposed = Entry.objects.get(event="change.outcome_proposed")
    assert proposed.changes["outcome_code"] == ["", "successful_with_issues"]
    restate(approved.change.service, "healthy", T0 + 65 * MINUTE)
    assert due.sweep(T0 + 65 * MINUTE) == 1
    assert not held(approved).exists()
    assert change_of(approved).status == Status.REVIEWING  # with issues: people close it


@pytest.mark.parametrize("status", ["failed", "rolled_back"])
def test_a_failure_waits_for_its_review(approved, asker, managing, status):
    deployment = finish(start(approved, asker), asker, status)
    change = change_of(approved)
    assert (deployment.status, change.status, change.outcome_code) == (status, Status.REVIEWING, "unsuccessful")
    with pytest.raises(WrongState):
        finish(deployment, asker)
    with pytest.raises(MissingInformation, match="review is due"):
        deploying.close(change, actor=managing, outcome_code="unsuccessful")
    reviewed(change, managing)
    closed = deploying.close(change, actor=managing, outcome_code="unsuccessful", note="The migration was slow.")
    assert (closed.status, closed.outcome_note) == (Status.CLOSED, "The migration was slow.")


def test_a_reservation_ends_by_itself_six_hours_after_the_authorisation(approved, asker):
    start(approved, asker)
    ends = approved.expires_at + timedelta(hours=6)
    assert Reservation.objects.in_flight(ends - MINUTE).count() == 1
    assert Reservation.objects.in_flight(ends).count() == 0


def test_what_is_authorised_for_a_later_window_is_held_until_then(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    window = (T0 + timedelta(days=1), T0 + timedelta(days=1, hours=1))
    evaluation = ask(service, asker, change_class="standard", window=window)
    assert evaluation.expires_at == window[1]
    assert Reservation.objects.in_flight(window[1]).count() == 1


def test_cancelling_gives_the_budget_back(approved, asker):
    assert held(approved).exists()
    deciding.cancel(approved.change, actor=asker, why="", at=T0)
    assert not held(approved).exists()
    assert Reservation.objects.get().reason == "cancelled (pipeline)"
    assert due.sweep(T0 + timedelta(days=2)) == 0
