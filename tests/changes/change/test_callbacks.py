"""Who asked with a callback is told of the decision; a verifier that is not ours says that it was us."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from changes.change.operations import callbacks, deploying, people_decide
from changes.change.operations.deploying import rolling_back
from changes.models import Change, Evaluation
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Delivery
from tests.factories.slo import a_service
from tests.itsm.scripted_server import Reply, Scripted, scripted
from tests.together import each_of

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/gate-evaluations/"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


@pytest.fixture
def ask(api: Any, pipeline: User, receiver: Scripted) -> Callable[..., Any]:
    a_service(slug="checkout")

    def asks(environment: str = "staging", **callback: Any) -> Any:
        said = {"url": f"{receiver.url}/hook"} | callback
        body = {"service": "checkout", "environment": environment, "summary": "Deploy", "callback": said}
        return api(pipeline).post(DOOR, body | {"backout": "Back"}, format="json")

    return asks


def leave(seconds: float = 1.0) -> int:
    return outbox.relay(timezone.now() + timedelta(seconds=seconds), lanes=(Lane.WEBHOOK,))


def test_a_decision_is_told_signed_and_once(
    ask: Callable[..., Any], receiver: Scripted, api: Any, pipeline: User
) -> None:
    answer = ask()
    assert (answer.status_code, answer.json()["status"]) == (201, "approved")
    assert receiver.asked == []  # nothing leaves before the decision is kept
    assert leave() == 1
    assert leave(9) == 0
    (told,) = receiver.asked
    secret = api(pipeline).get("/api/v1/callback-secret/").json()["secret"]
    headers = {name.lower(): value for name, value in told.headers.items()}
    said = Webhook(secret).verify(told.body, headers)
    assert said["type"] == "gate_evaluation.approved"
    assert said["data"]["evaluation"] == answer.json()["id"]
    assert said["data"]["status"] == "approved"
    assert said["data"]["change"]["number"] == answer.json()["change"]["number"]
    assert told.path == "/hook"
    assert len(told.body) < 2_000
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(told.body.replace(b"approved", b"rejected"), headers)
    with pytest.raises(WebhookVerificationError):  # another account's secret is another one
        Webhook(callbacks.written(callbacks.secret_of(pipeline.owner))).verify(told.body, headers)


def test_what_waits_is_told_when_people_decide(
    ask: Callable[..., Any], receiver: Scripted, approver: User, as_actor: Callable[..., Any]
) -> None:
    assert ask("production").status_code == 202
    assert leave() == 0
    people_decide.decide_by_person(
        Change.objects.get(), actor=as_actor(approver), at=timezone.now(), decision="decline", comment="No"
    )
    assert leave() == 1
    assert json.loads(receiver.asked[0].body)["type"] == "gate_evaluation.rejected"


def test_only_what_it_asked_for_is_told(ask: Callable[..., Any], receiver: Scripted) -> None:
    assert ask(events=["rejected"]).status_code == 201
    assert leave() == 0


def test_a_receiver_that_fails_is_asked_again_under_the_same_id(ask: Callable[..., Any], receiver: Scripted) -> None:
    receiver.answer = lambda asked: Reply(503 if len(receiver.asked) < 2 else 204, b"")
    ask()
    assert leave() == 0
    assert leave(600) == 1
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    assert Delivery.objects.get(channel=callbacks.CHANNEL).delivered_at


def test_one_that_is_gone_is_given_up_and_the_history_says_so(ask: Callable[..., Any], receiver: Scripted) -> None:
    receiver.answer = lambda asked: Reply(410, b"")
    ask()
    assert leave() == 0
    assert Delivery.objects.get(channel=callbacks.CHANNEL).dead_at
    assert Entry.objects.filter(event="change.callback_given_up").count() == 1


@each_of(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "http://[::1]/", "ftp://example.com/",
        "https://user:word@example.com/", "javascript:alert(1)", "", "https://", "http://10.0.0.1/hook", 7, None,
    ],
)  # fmt: skip
def test_it_leads_nowhere_inside(url: Any, ask: Callable[..., Any]) -> None:
    answer = ask(url=url)
    assert answer.status_code == 400, answer.content
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("more", [{"events": []}, {"events": ["approved", "sold"]}, {"events": "approved"}, {"x": 1}])
def test_odd_wishes_are_refused_in_words(more: dict[str, Any], ask: Callable[..., Any]) -> None:
    answer = ask(**more)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_call_back_of_what_burns_is_told_once_with_what_to_do(
    ask: Callable[..., Any], receiver: Scripted, pipeline: User
) -> None:
    ask()
    change, at = Change.objects.get(), timezone.now()
    deployment = deploying.start_deployment(change, actor=actor_for(pipeline, Door.API), at=at)
    for _ in range(2):
        rolling_back.call(deployment, objective="checkout-availability", at=at)
    leave()
    leave(5)
    told = [json.loads(asked.body) for asked in receiver.asked]
    assert [one["type"] for one in told] == ["gate_evaluation.approved", "gate_evaluation.roll_back"]
    assert told[1]["data"]["rollback_of"] == change.reference
    assert told[1]["data"]["to"] is None  # nothing worked there before
    assert "checkout-availability" in told[1]["data"]["because"]
