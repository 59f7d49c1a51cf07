"""People decide: who may, who never may, with which words, and what a decision does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from changes.change.operations import deploying, opening
from changes.change.operations import people_decide as deciding
from changes.change.workflow import Status
from changes.models import Change, Evaluation
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.kernel.actors import Role
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, ask, change_of, question
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db


def decide(change, actor, decision="approve", comment="", at=T0):
    return deciding.decide_by_person(change, actor=actor, decision=decision, comment=comment, at=at)


@pytest.fixture
def waiting(asker, approver):
    """A change that waits for a peer; the people of the cast exist and may be told."""
    return change_of(ask(a_measured_service(), asker))


def test_a_peer_approves_and_the_change_is_authorised(waiting, approving):
    change = decide(waiting, approving, comment="Looks fine.")
    evaluation = Evaluation.objects.get(change=change)
    assert (change.status, evaluation.status, evaluation.decided_by) == (Status.SCHEDULED, "approved", "person")
    assert (
        evaluation.expires_at == change.authorised_until == T0 + timedelta(days=7)
    )  # five working days, from a Monday
    assert ApprovalDecision.objects.get().comment == "Looks fine."
    assert ApprovalRequest.objects.get().status == "approved"


def test_an_approval_lasts_to_the_end_of_the_window(asker, approving):
    window = (T0 + timedelta(hours=2), T0 + timedelta(hours=4))
    change = decide(change_of(ask(a_measured_service(), asker, window=window)), approving)
    assert change.authorised_until == window[1]


def test_declining_needs_words_and_ends_the_evaluation(waiting, approving):
    with pytest.raises(MissingInformation):
        decide(waiting, approving, "decline", " ")
    change = decide(waiting, approving, "decline", "Not on a Friday.")
    evaluation = Evaluation.objects.get(change=change)
    assert (change.status, evaluation.status, evaluation.decided_by) == (Status.DRAFT, "rejected", "person")
    with pytest.raises(WrongState):
        decide(waiting, approving)


def test_the_human_asker_is_told_what_was_decided(engineer, as_actor, approving):
    change = change_of(ask(a_measured_service(), as_actor(engineer)))
    decide(change, approving, "decline", "Too late in the day.")
    told = Notification.objects.get(to=engineer)
    assert (told.body, told.path) == ("Too late in the day.", change.get_absolute_url())


# Four eyes: whatever role comes with it, none of these decides about the change.
RELATIONS = ("requested_by", "author", "implementer")


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("role", ["approver", "manager", "admin", "owner"])
def test_who_has_an_interest_never_decides(waiting, person, as_actor, role, relation):
    interested = person(role)
    Change.objects.filter(pk=waiting.pk).update(**{relation: interested})
    ApprovalRequest.objects.update(excluded=[interested.pk])
    for decision in ("approve", "decline"):
        with pytest.raises(NotPermitted, match="Four eyes"):
            decide(waiting, as_actor(interested), decision, "I know it best.")
    assert not ApprovalDecision.objects.exists()


@pytest.mark.parametrize("relation", RELATIONS)
def test_asking_excludes_everybody_with_an_interest(asker, person, relation):
    interested = person("engineer", username="ada")
    service = a_measured_service()
    draft = opening.find_or_open(question(service), asker, T0)
    setattr(draft, relation, interested)
    assert interested.pk in draft.interested


def test_the_asker_is_excluded_even_as_administrator(admin, as_actor):
    actor = as_actor(admin)
    change = change_of(ask(a_measured_service(), actor))
    with pytest.raises(NotPermitted, match="Four eyes"):
        decide(change, actor)


@pytest.mark.parametrize("role", ["engineer", "approver", "manager", "admin", "owner"])
def test_programs_never_decide_whatever_their_role(waiting, person, as_actor, role):
    program = person(role, username=f"{role}-bot", account_type="service")
    with pytest.raises(NotPermitted, match="for people"):
        decide(waiting, as_actor(program))


def test_headroom_itself_does_not_decide(waiting, system):
    with pytest.raises(NotPermitted):
        decide(waiting, system)


@pytest.mark.parametrize("role", ["requester", "agent", "auditor", "engineer", "owner"])
def test_who_was_not_asked_does_not_decide(waiting, person, as_actor, role):
    with pytest.raises(NotPermitted):
        decide(waiting, as_actor(person(role)))


@pytest.mark.parametrize("role", ["approver", "manager", "admin"])
def test_who_was_asked_or_stands_in_decides(waiting, person, as_actor, role):
    assert decide(waiting, as_actor(person(role))).status == Status.SCHEDULED


def test_an_engineer_of_the_owning_team_is_a_peer(asker, payments, person, as_actor):
    change = change_of(ask(a_measured_service(team=payments), asker))
    outsider, peer = person("engineer", username="otto"), person("engineer", payments, username="pia")
    with pytest.raises(NotPermitted):
        decide(change, as_actor(outsider))
    assert decide(change, as_actor(peer)).status == Status.SCHEDULED


def test_a_token_without_the_scope_does_not_decide(waiting, approver, as_actor):
    with pytest.raises(NotPermitted):
        decide(waiting, as_actor(approver).narrowed(["read"]))


def test_a_quorum_of_two_needs_two_different_people(waiting, approving, managing):
    ApprovalRequest.objects.update(quorum=2)
    assert decide(waiting, approving).status == Status.ASSESSING
    with pytest.raises(WrongState, match="already answered"):
        decide(waiting, approving)
    assert decide(waiting, managing).status == Status.SCHEDULED


def test_one_refusal_outweighs_any_quorum(waiting, approving, managing):
    ApprovalRequest.objects.update(quorum=2)
    decide(waiting, approving)
    assert decide(waiting, managing, "decline", "The load test failed.").status == Status.DRAFT


def insert_answer(ask_id, user_id, content_hash):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_approvaldecision (ask_id, by_id, decision, comment, content_hash, at)"
            " VALUES (%s, %s, 'approve', '', %s, now())",
            [ask_id, user_id, content_hash],
        )


def test_raw_sql_cannot_slip_past_four_eyes(waiting, pipeline, approver, person):
    put = ApprovalRequest.objects.get()
    sleeper = person("approver", username="sleeper")
    type(sleeper).objects.filter(pk=sleeper.pk).update(is_active=False)
    excluded = person("approver", username="xena")
    ApprovalRequest.objects.update(excluded=[*put.excluded, excluded.pk])
    refused = [pipeline.pk, sleeper.pk, excluded.pk]
    for user_id in refused:
        with pytest.raises(IntegrityError):
            insert_answer(put.pk, user_id, put.content_hash)
    with pytest.raises(IntegrityError):
        insert_answer(put.pk, approver.pk, "0" * 64)
    insert_answer(put.pk, approver.pk, put.content_hash)
    with pytest.raises(IntegrityError):
        insert_answer(put.pk, approver.pk, put.content_hash)


def test_answers_are_never_altered(waiting, approving):
    decide(waiting, approving)
    from django.db import ProgrammingError

    for statement in (
        "UPDATE approvals_approvaldecision SET decision = 'decline'",
        "DELETE FROM approvals_approvaldecision",
    ):
        with pytest.raises(ProgrammingError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_board_is_asked_where_the_table_says_so(asker, approving):
    change = change_of(ask(a_measured_service("no_data"), asker))
    assert ApprovalRequest.objects.get().authority == "change advisory board"
    assert decide(change, approving).status == Status.SCHEDULED


def test_cancelling_ends_what_waits_and_repeating_it_is_refused(waiting, asker, approving):
    with pytest.raises(NotPermitted):
        deciding.cancel(waiting, actor=approving, why="", at=T0)
    change = deciding.cancel(waiting, actor=asker, why="Not needed.", at=T0)
    assert (change.status, Evaluation.objects.get().status, ApprovalRequest.objects.get().status) == (
        Status.CANCELLED, "cancelled", "withdrawn",
    )  # fmt: skip
    with pytest.raises(WrongState):
        deciding.cancel(waiting, actor=asker, why="", at=T0)


def test_a_manager_may_cancel_and_a_pipeline_may_repeat_its_cancelling(waiting, asker, managing):
    evaluation = Evaluation.objects.get()
    assert deciding.cancel_evaluation(evaluation, actor=asker, at=T0).status == "cancelled"
    evaluation.refresh_from_db()
    assert deciding.cancel_evaluation(evaluation, actor=asker, at=T0).version == evaluation.version
    other = change_of(ask(a_measured_service(), asker))
    assert deciding.cancel(other, actor=managing, why="", at=T0).status == Status.CANCELLED


def test_what_was_used_is_not_cancelled_even_where_the_caller_read_it_before(waiting, asker, approving):
    change = decide(waiting, approving)
    read_before = Evaluation.objects.get()
    deploying.start_deployment(change, artifact_digest=change.artifact_digest, actor=asker, at=T0)
    with pytest.raises(WrongState):
        deciding.cancel_evaluation(read_before, actor=asker, at=T0)


def test_the_table_of_roles_is_complete():
    """A role that is added must be put into one of the tables above."""
    assert {role.value for role in Role} == {
        "requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin",
    }  # fmt: skip


def test_mine_are_those_of_an_account_that_was_merged_into_mine_too(
    person, as_actor, web, api, payments
):  # fmt: skip
    old, new = person("engineer", username="ada.old"), person("engineer", username="ada")
    change = change_of(ask(a_measured_service(), as_actor(old)))
    other = change_of(ask(a_measured_service(), as_actor(person("engineer", username="other"))))
    User.objects.filter(pk=old.pk).update(is_active=False, merged_into=new)
    page = web(new).get("/changes/", {"tab": "mine"}).content.decode()
    assert change.reference in page
    assert other.reference not in page
    User.objects.filter(pk=new.pk).update(roles=["requester"])
    assert list(Change.objects.visible_to(as_actor(User.objects.get(pk=new.pk)))) == [change]
