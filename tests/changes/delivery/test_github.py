"""GitHub's protection rule, from its webhook to the end of its deployment: asked, answered, started, finished."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import people_decide
from changes.delivery.operations import questions
from changes.models import Change, DeliverySource, DeploymentEvent, Evaluation, PlatformDelivery, PlatformQuestion
from incidents.incident import operations as incidents
from itsm.kernel.errors import Held
from itsm.notifications.models import Delivery
from tests.changes.delivery.conftest import work
from tests.changes.delivery.platforms import body_of
from tests.factories.changes import a_measured_service, a_model, start
from tests.itsm.scripted_server import scripted

pytestmark = pytest.mark.django_db

REPOSITORY = "Codertocat/Hello-World"
DIGEST = "sha256:" + "4" * 64


@pytest.fixture
def app(source, github):
    return source(api_url=github.url, app_id=github.app, api_credential="github-app")


def protection_rule(github, **deployment: Any) -> dict[str, Any]:
    """As GitHub sends it (schemas/deployment_protection_rule): the deployment and repository of its own examples."""
    real = body_of("github", "examples/deployment/with-installation.payload.json")
    real["deployment"] |= {"environment": "production", "payload": {"artifact_digest": DIGEST}} | deployment
    return {
        "action": "requested", "environment": "production", "event": "push",
        "deployment_callback_url": github.callback(), "deployment": real["deployment"], "pull_requests": [],
        "repository": real["repository"], "sender": real["sender"], "installation": real["installation"],
    }  # fmt: skip


def status(state: str, **words: Any) -> dict[str, Any]:
    real = body_of("github", "examples/deployment_status/with-installation.payload.json")
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    real["deployment_status"] |= {"state": state, "created_at": now, "updated_at": now} | words
    real["deployment"]["payload"] = {"artifact_digest": DIGEST}
    return real


def test_from_the_question_to_the_end_of_the_deployment(app, github, send, mapped, owning) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)

    taken = send(app, "deployment_protection_rule", protection_rule(github))
    assert (taken.status_code, taken.json()["status"]) == (202, "new")
    assert not PlatformQuestion.objects.exists()  # the work comes after
    work()

    evaluation = Evaluation.objects.get()
    said = evaluation.decision.verdict["reasons"]
    assert (evaluation.status, evaluation.decided_by) == ("approved", "policy"), said
    assert (evaluation.change.artifact_digest, evaluation.pipeline["run_id"]) == (DIGEST, "31")
    [said] = github.said
    assert (said["state"], said["environment_name"]) == ("approved", "production")
    assert evaluation.change.reference in said["comment"]
    assert f"start until {evaluation.expires_at:%Y-%m-%d %H:%M} UTC" in said["comment"]
    assert evaluation.change.reference in PlatformDelivery.objects.get().reason  # the log leads on
    question = PlatformQuestion.objects.get()
    assert question.told_at is not None

    send(app, "deployment_status", status("in_progress"))
    work()
    own = DeploymentEvent.objects.get(told_by="gate")
    assert (own.result, own.standing) == ("started", "authorised")
    told = DeploymentEvent.objects.get(told_by="github")
    assert (told.same_as, told.standing, told.change) == (own, "authorised", evaluation.change)

    send(app, "deployment_status", status("success"))
    work()
    own.refresh_from_db()
    assert own.result == "succeeded"
    assert Change.objects.get().status == "reviewing"
    assert PlatformDelivery.objects.filter(status="applied").count() == 3


def test_what_waits_for_people_is_remarked_on_and_answered_when_they_decide(
    app, github, send, mapped, approving, owning, managing
) -> None:
    service = a_measured_service(at=timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    evaluation = Evaluation.objects.get()
    assert evaluation.status == "pending"
    assert github.states == []
    assert [evaluation.change.reference in one["comment"] for one in github.said] == [True]

    people_decide.decide_by_person(
        evaluation.change, actor=managing, decision="decline", comment="Not on a Friday, please.", at=timezone.now()
    )
    work()
    assert github.states == ["rejected"]
    assert len(github.said[-1]["comment"]) <= 1024


def test_an_approval_that_is_taken_back_before_it_leaves_is_told_as_none(
    app, github, send, mapped, owning, asker
) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    github.down = 1
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    assert github.said == []
    [owed] = Delivery.objects.filter(channel="platform answers")
    assert (owed.attempts, owed.delivered_at, "Unicorn" in owed.last_error) == (1, None, True)
    assert "Unicorn" in PlatformQuestion.objects.get().trouble  # its page says so at once

    people_decide.cancel(Change.objects.get(), actor=asker, at=timezone.now())
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert github.states == ["rejected"]
    assert PlatformQuestion.objects.get().trouble == ""


def test_the_same_question_again_asks_nothing_new(app, github, send, mapped, owning) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    body = protection_rule(github)
    for number in ("one", "one", "two"):
        assert send(app, "deployment_protection_rule", body, number).status_code == 202
        work()
    assert (PlatformDelivery.objects.count(), Evaluation.objects.count(), github.states) == (2, 1, ["approved"])


def test_a_run_that_is_started_again_asks_anew(app, github, send, mapped, owning) -> None:
    """GitHub holds it at its rule again: the same run and environment, another deployment."""
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    for number, deployment in (("one", 145988746), ("two", 145988747)):
        assert (
            send(app, "deployment_protection_rule", protection_rule(github, id=deployment), number).status_code == 202
        )
        work()
        github.holds += 1
    assert PlatformQuestion.objects.count() == 2
    assert github.states == ["approved", "approved"]


RULE = "actions/runs/31/deployment_protection_rule"


@pytest.mark.parametrize("address", [
    "{evil}/repos/Codertocat/Hello-World/" + RULE,
    "{ours}/repos/Codertocat/Payments/" + RULE,  # whose gate was not asked
    "{ours}/user/keys?x=/repos/Codertocat/Hello-World/" + RULE,
    "http://[x/repos/Codertocat/Hello-World/" + RULE,  # no address at all
])  # fmt: skip
def test_an_answer_goes_to_the_sources_own_api_and_to_what_was_asked_about(
    address, app, github, send, mapped, owning, settings
) -> None:
    """Nothing is sent anywhere else, least of all the token of an installation."""
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    body = protection_rule(github)
    with scripted() as evil:
        settings.OUTGOING_ALLOW = [*settings.OUTGOING_ALLOW, f"127.0.0.1:{evil.port}"]
        body["deployment_callback_url"] = address.format(evil=evil.url, ours=github.url)
        send(app, "deployment_protection_rule", body)
        work()
        assert (evil.asked, github.script.asked) == ([], [])
    question = PlatformQuestion.objects.get()
    assert (question.answer, question.told_at, bool(question.refusal)) == ("rejected", None, True)
    assert not Evaluation.objects.exists()


def test_an_answer_stays_where_the_address_of_its_source_moved(app, github, send, mapped, owning) -> None:
    """Its token is for the platform that the source names now."""
    service = a_measured_service(at=timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    DeliverySource.objects.update(api_url="https://github.example/api/v3")
    work()
    assert github.script.asked == []


def test_an_approval_that_expired_before_it_leaves_is_told_as_none(app, github, send, mapped, owning) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    github.down = 1
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    Evaluation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert github.states == ["rejected"]


@pytest.mark.parametrize("lapsed", [False, True])
def test_an_approval_that_another_start_used_before_it_leaves_lets_no_second_run_go(
    lapsed, app, github, send, mapped, owning, asker
) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    github.down = 1
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    asked = timezone.now() - timedelta(minutes=5)
    ends = {"expires_at": asked + timedelta(minutes=1)} if lapsed else {}
    Evaluation.objects.update(used_at=asked, **ends)
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert github.states == ["rejected"]
    assert "a start has used its authorisation" in github.said[-1]["comment"]


def test_an_approval_that_is_held_before_it_leaves_is_told_with_what_became_worse(
    app, github, send, mapped, approving, managing, asker
) -> None:
    """And what is approved is never given as the reason why it is not."""
    service = a_measured_service(at=timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    change = Change.objects.get()
    github.down = 1
    people_decide.decide_by_person(change, actor=approving, decision="approve", comment="", at=timezone.now())
    work()
    incidents.open_incident(actor=managing, title="Down", service=service, priority=1, major=True)
    with pytest.raises(Held):
        start(Change.objects.get(), asker, timezone.now())
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert github.states == ["rejected"]
    said = github.said[-1]["comment"]
    assert f"{change.reference} is not approved: " in said
    assert "has a major incident since" in said
    assert ("approved: approved" in said, ".." in said) == (False, False)


def test_another_commit_that_begins_alike_is_not_started_under_the_answer(app, github, send, mapped, owning) -> None:
    """Seven digits of a commit are soon found in one of one's own."""
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    asked = Change.objects.get()
    body = status("in_progress")
    body["deployment"] |= {"sha": asked.commit[:7] + "f" * 33}
    send(app, "deployment_status", body)
    work()
    assert list(DeploymentEvent.objects.values_list("told_by", "standing")) == [("github", "waiting")]


def test_what_runs_without_its_question_is_started_by_nobody(app, send, mapped, owning) -> None:
    service = a_measured_service(at=timezone.now())
    a_model(service, owning, timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_status", status("in_progress"))
    work()
    assert list(DeploymentEvent.objects.values_list("told_by", "standing")) == [("github", "waiting")]


@pytest.mark.parametrize("state", ["queued", "pending", "waiting", "inactive"])
def test_what_only_waits_there_is_no_deployment_yet(state, source, send, mapped) -> None:
    made = source()
    mapped(made, REPOSITORY, a_measured_service())
    send(made, "deployment_status", status(state))
    work()
    assert not DeploymentEvent.objects.exists()
    assert PlatformDelivery.objects.get().status == "ignored"


def test_what_no_receiver_heard_is_told_by_the_next_look(app, github, send, mapped) -> None:
    service = a_measured_service(at=timezone.now())
    mapped(app, REPOSITORY, service)
    send(app, "deployment_protection_rule", protection_rule(github))
    work()
    Evaluation.objects.update(status="expired", ended_because="nobody decided in time")  # by SQL: no news of it
    assert questions.follow_open(timezone.now()) == 1
    work()
    assert (github.states, questions.follow_open(timezone.now())) == (["rejected"], 0)


def test_its_key_signs_for_no_other_host_than_the_one_written_beside_it(app, github, send, mapped, settings) -> None:
    """Who keeps sources on a page names addresses; where a secret may go is said where it lies."""
    service = a_measured_service(at=timezone.now())
    mapped(app, REPOSITORY, service)
    with scripted() as evil:
        settings.OUTGOING_ALLOW = [*settings.OUTGOING_ALLOW, f"127.0.0.1:{evil.port}"]
        DeliverySource.objects.update(api_url=evil.url)
        body = protection_rule(github)
        body["deployment_callback_url"] = body["deployment_callback_url"].replace(github.url, evil.url)
        send(app, "deployment_protection_rule", body)
        work()
        assert (evil.asked, github.script.asked) == ([], [])
    assert "github-app.hosts" in PlatformQuestion.objects.get().trouble
