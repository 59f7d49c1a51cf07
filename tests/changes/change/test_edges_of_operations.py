"""Where an operation's promise ends: instants, who is still asked and told, and what is refused twice."""

from datetime import timedelta

import pytest

from changes.change.operations import asking, attesting, evaluating
from changes.change.operations import people_decide as deciding
from changes.change.operations.evaluations import HOLD_FOR
from changes.change.operations.lasting import ENDS_SOON
from changes.change.workflow import Status
from changes.models import Attestation, Change, Deployment, Evaluation
from incidents.incident import operations as incidents
from itsm.accounts.models import User
from itsm.approvals import operations as approvals
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.errors import Conflict, Held, InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from slo.models import Reservation
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, change_of, question, restate, start
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def asking_person(engineer, as_actor):
    return as_actor(engineer)


@pytest.fixture
def approved(asking_person, approving):
    """By a person, at T0."""
    evaluation = ask(a_measured_service(), asking_person)
    approve(change_of(evaluation), approving)
    evaluation.refresh_from_db()
    Notification.objects.all().delete()
    return evaluation


def approve(change, actor, at=T0):
    return deciding.decide_by_person(change, actor=actor, decision="approve", comment="", at=at)


def held(evaluation, starter, managing, at=T0 + 5 * MINUTE):
    """The ask that goes out when a major incident holds the start; None where those who approved are only told."""
    incidents.open_incident(actor=managing, title="Down", service=evaluation.change.service, priority=1, major=True)
    with pytest.raises(Held):
        start(change_of(evaluation), starter, at)
    return ApprovalRequest.objects.filter(status="open").first()


# Time.


@pytest.mark.parametrize(("before", "status"), [(SECOND, "pending"), (0 * SECOND, "expired")])
def test_what_is_postponed_ends_at_the_deadline_of_its_first_postponement(asker, owning, pipeline, before, status):
    service = a_measured_service("burning_fast")
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    first = evaluation.deadline
    evaluating.evaluate(evaluation, at=evaluation.not_before)
    evaluation.refresh_from_db()
    assert evaluation.deadline == first
    restate(service, "burning_fast", first)
    evaluating.evaluate(evaluation, at=first - before)
    evaluation.refresh_from_db()
    assert (evaluation.outcome, evaluation.status) == ("postponed", status)
    ended = status == "expired"
    assert change_of(evaluation).status == (Status.DRAFT if ended else Status.ASSESSING)
    assert (evaluation.ended_because == "still postponed at its deadline") is ended
    told = Notification.objects.filter(to=pipeline.owner_id, subject__contains="still postponed at its deadline")
    assert told.exists() is ended


@pytest.mark.parametrize(("length", "warned"), [(HOUR, False), (HOUR + SECOND, True)])
def test_what_lives_just_an_hour_is_not_warned_of(asking_person, approving, length, warned):
    evaluation = ask(a_measured_service(), asking_person, window=(T0, T0 + length))
    approve(change_of(evaluation), approving)
    assert Due.objects.filter(name=ENDS_SOON).exists() is warned


@pytest.mark.parametrize(("later", "is_over"), [(-SECOND, False), (0 * SECOND, True)])
def test_a_window_that_ends_now_is_over(asker, later, is_over):
    service, at = a_measured_service(), T0 + HOUR
    restate(service, "healthy", at)
    window = (T0, at - later)
    if is_over:
        with pytest.raises(InvalidInput, match="This window ended at"):
            ask(service, asker, at, window=window)
        assert not Change.objects.exists()
    else:
        assert ask(service, asker, at, window=window).status == "pending"


def test_a_draft_is_not_asked_about_again_once_its_window_is_over(asking_person):
    window = (T0, T0 + HOUR)
    change = change_of(ask(a_measured_service(), asking_person, window=window))
    change = deciding.revert(change, actor=asking_person, at=T0)
    with pytest.raises(InvalidInput, match="This window ended at"):
        asking.ask_again(change, actor=asking_person, at=window[1])
    assert asking.ask_again(change, actor=asking_person, at=window[1] - SECOND).status == "pending"


def test_a_start_is_good_from_the_first_instant_of_the_window(asking_person, approving):
    service = a_measured_service()
    window = (T0 + HOUR, T0 + 2 * HOUR)
    change = approve(change_of(ask(service, asking_person, window=window)), approving)
    restate(service, "healthy", window[0])
    with pytest.raises(WrongState, match="opens at"):
        start(change, asking_person, window[0] - SECOND)
    assert start(change, asking_person, window[0])


def test_what_is_held_of_a_budget_outlives_the_authorisation(asker, owning):
    """The longest deployment and its watch end while it is held."""
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    assert evaluation.status == "approved"
    assert Reservation.objects.get().expires_at == evaluation.expires_at + HOLD_FOR


# Who is asked again, and who is told.


def test_whoever_was_kept_out_of_the_first_ask_is_kept_out_of_the_second(approved, asking_person, managing, person):
    """Though nothing of the change names them any more."""
    former = person("approver", username="former")
    before = ApprovalRequest.objects.get()
    ApprovalRequest.objects.filter(pk=before.pk).update(excluded=[*before.excluded, former.pk])
    again = held(approved, asking_person, managing)
    assert {former.pk, asking_person.id} <= set(again.excluded)
    assert (again.role, again.team_id, again.quorum) == (before.role, before.team_id, before.quorum)
    assert again.due_at == approved.expires_at
    assert not Notification.objects.filter(to=former).exists()


def test_an_approver_who_has_left_hears_nothing_of_the_end(approved, approver, engineer):
    User.objects.filter(pk=approver.pk).update(is_active=False)
    from itsm.clocks import due

    due.sweep(approved.expires_at)
    assert set(Notification.objects.values_list("to__username", flat=True)) == {engineer.username}


def test_nor_does_one_who_approved_another_content(approved, engineer):
    ApprovalDecision.objects.all()  # kept for ever; what they approved is another content by now
    Change.objects.filter(pk=approved.change_id).update(content_hash="f" * 64)
    from itsm.clocks import due

    due.sweep(approved.expires_at)
    assert set(Notification.objects.values_list("to__username", flat=True)) == {engineer.username}


def test_an_answer_about_another_content_is_refused_in_words(asker, approving):
    change = change_of(ask(a_measured_service(), asker))
    with pytest.raises(WrongState, match="has changed since the ask; it is put again"):
        approvals.answer(change, actor=approving, decision="approve", comment="", content_hash="f" * 64, at=T0)
    assert not ApprovalDecision.objects.exists()


def test_declined_when_asked_again_the_authorisation_ends_by_headroom(approved, asking_person, approving, managing):
    """The step is Headroom's, since a person's own table has none for it; who decided stands beside it."""
    held(approved, asking_person, managing)
    deciding.decide_by_person(
        change_of(approved), actor=approving, decision="decline", comment="Not now.", at=T0 + 6 * MINUTE
    )
    approved.refresh_from_db()
    assert (approved.status, approved.decided_by, approved.ended_because) == (
        "rejected", "person", "declined when asked again",
    )  # fmt: skip
    assert Entry.objects.get(event="change.reverted").actor_id is None
    assert Entry.objects.filter(event="change.answered", actor_id=approving.id).count() == 2


# What is bound, and what is refused twice.


def test_another_environment_than_the_authorised_one_is_refused_and_a_name_for_it_is_not(approved, asking_person):
    change = change_of(approved)
    with pytest.raises(InvalidInput, match="Another environment"):
        start(change, asking_person, T0, environment="staging")
    assert not Deployment.objects.exists()
    assert start(change, asking_person, T0, environment="prod")


def test_a_word_is_taken_back_once_by_whoever_said_it(approver, approving, managing):
    service = a_measured_service()
    word = attesting.attest(
        actor=approving, service=service, artifact_digest=an_artifact("a"), about="peer_review", source="review", at=T0,
        passed=1,
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="Only whoever said it"):
        attesting.withdraw(word, actor=managing, at=T0)
    taken = attesting.withdraw(word, actor=approving, at=T0)
    for again, why in ((word, "taken back already"), (taken, "say it anew instead")):
        with pytest.raises(WrongState, match=why):
            attesting.withdraw(again, actor=approving, at=T0)
    assert Attestation.objects.count() == 2


def test_nothing_is_proven_about_a_tag(approving):
    with pytest.raises(InvalidInput, match="a tag can be moved"):
        attesting.attest(
            actor=approving, service=a_measured_service(), artifact_digest="shop:latest", about="peer_review",
            source="review", at=T0,
        )  # fmt: skip
    assert not Attestation.objects.exists()


def test_an_attestor_is_named_and_dismissed_once(owning, approver):
    words = {"actor": owning, "service": a_measured_service(), "about": "peer_review", "account": approver, "at": T0}
    named = attesting.name_attestor(**words)
    with pytest.raises(Conflict, match="is named for this already"):
        attesting.name_attestor(**words)
    gone = attesting.dismiss_attestor(named, actor=owning, version=named.version, at=T0 + HOUR)
    assert (gone.dismissed_at, gone.dismissed_by_id) == (T0 + HOUR, owning.id)
    with pytest.raises(WrongState, match="has been dismissed already"):
        attesting.dismiss_attestor(gone, actor=owning, version=gone.version, at=T0 + 2 * HOUR)


def test_a_model_of_another_service_answers_for_nothing(asker, owning):
    service, other = a_measured_service(), a_measured_service()
    model = a_model(other, owning)
    with pytest.raises(InvalidInput, match="another service"):
        asking.ask_gate(question(service, change_class="standard", model=model), actor=asker, at=T0)
    assert not Evaluation.objects.exists()
