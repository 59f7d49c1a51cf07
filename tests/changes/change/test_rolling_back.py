"""What goes out while its service burns fast is called back: at its stage, at once, to what worked before."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Service
from changes.change.operations import deploying
from changes.models import Change, Deployment, Evaluation, RollBackCall
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.notifications.models import Delivery, Notification
from slo.models import Budget
from slo.objectives.operations.evaluation import EVALUATOR
from slo.objectives.operations.state_changes import announce_changes
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    ask,
    change_of,
    ran,
    restate,
    start,
)
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
GOOD, BAD = an_artifact("4.7.0"), an_artifact("4.7.1")


@pytest.fixture
def standard(owning: Actor) -> Service:
    service = a_measured_service()
    a_model(service, owning)
    return service


def _asked(service: Service, actor: Actor, digest: str, at: Any, **words: Any) -> Change:
    restate(service, "healthy", at)
    words = {"change_class": "standard", "artifact_digest": digest} | words
    return change_of(ask(service, actor, at=at, **words))


@pytest.fixture
def running(standard: Service, asker: Actor) -> Deployment:
    """A good release ran clean; a bad one is going out."""
    ran(_asked(standard, asker, GOOD, T0), asker, T0)
    return start(_asked(standard, asker, BAD, T0 + HOUR), asker, T0 + HOUR)


def _burns(service: Service, at: Any, state: str = "burning_fast") -> int:
    """As an evaluation would find and tell it."""
    budget = restate(service, state, at)
    Budget.objects.filter(pk=budget.pk).update(announced_state="healthy")
    return announce_changes([budget.pk], actor=EVALUATOR)


def test_a_stage_goes_on_while_all_is_well_and_is_called_back_when_it_burns(
    standard: Service, running: Deployment, asker: Actor
) -> None:
    at = T0 + HOUR
    one = deploying.ask_stage(running, actor=asker, name="1 %", percent=1, at=at + MINUTE)
    assert (one.answer, one.because) == ("go_on", "")
    restate(standard, "burning_fast", at + 2 * MINUTE)
    two = deploying.ask_stage(running, actor=asker, name="10 %", percent=10, at=at + 2 * MINUTE)
    assert two.answer == "roll_back"
    assert "is burning fast" in two.because
    called = RollBackCall.objects.get()
    assert (called.deployment, called.back_to.artifact_digest) == (running, GOOD)  # type: ignore[union-attr]
    restate(standard, "healthy", at + 3 * MINUTE)
    again = deploying.ask_stage(running, actor=asker, name="10 %", percent=10, at=at + 3 * MINUTE)
    assert (again.pk, again.answer) == (two.pk, "roll_back")  # what was called back stays so
    assert Entry.objects.filter(event="change.roll_back_called").count() == 1


def test_the_news_of_the_burn_calls_back_what_runs_at_once_and_once(
    standard: Service, running: Deployment, asker: Actor, pipeline: User, api: Callable[..., APIClient]
) -> None:
    callback = {"url": "https://ci.example/hooks/headroom", "events": ["roll_back"]}
    Evaluation.objects.filter(pk=running.evaluation_id).update(callback=callback)
    assert _burns(standard, T0 + HOUR + MINUTE) == 1
    assert _burns(standard, T0 + HOUR + 2 * MINUTE) == 1
    called = RollBackCall.objects.get()
    [owed] = Delivery.objects.filter(channel="gate_callback", key__endswith="-roll_back")
    body = json.loads(owed.payload["body"])
    assert (body["type"], body["data"]["to"]["digest"]) == ("gate_evaluation.roll_back", GOOD)
    told = Notification.objects.filter(subject__startswith="Roll back CHG-").values_list("to_id", flat=True)
    assert list(told) == [pipeline.owner_id]
    [entry] = Entry.objects.filter(event="change.roll_back_called")
    assert entry.changes["roll_back"][1] == called.because
    client = api(pipeline)
    path = f"/api/v1/changes/{running.change.reference}/deployments/1/"
    shown = client.get(path).json()["roll_back"]
    assert (shown["rollback_of"], shown["to"]["digest"], shown["to"]["version"]) == (
        running.change.reference, GOOD, called.back_to.artifact_version,  # type: ignore[union-attr]
    )  # fmt: skip
    stage = client.post(f"{path}stages/", {"name": "10 %", "percent": 10}, format="json")
    assert (stage.status_code, stage.json()["answer"], stage.json()["roll_back"]["to"]["digest"]) == (
        200,
        "roll_back",
        GOOD,
    )


def test_the_rollback_that_is_called_for_is_a_proven_change_of_its_own(
    standard: Service, running: Deployment, asker: Actor
) -> None:
    """Asked with what the call says: let go as an exception, though the budget burns, and never called back itself."""
    at = T0 + HOUR + MINUTE
    _burns(standard, at)
    called = RollBackCall.objects.get()
    back = ask(
        standard, asker, at=at, purpose="rollback", artifact_digest=called.back_to.artifact_digest,  # type: ignore[union-attr]
        exception={"rollback_of": running.change.reference},
    )  # fmt: skip
    assert (back.outcome, back.status) == ("exception", "approved")
    undoing = start(change_of(back), asker, at + MINUTE)
    _burns(standard, at + 2 * MINUTE)
    assert deploying.ask_stage(undoing, actor=asker, name="all", at=at + 2 * MINUTE).answer == "go_on"
    assert RollBackCall.objects.count() == 1
    deploying.finish_deployment(undoing, actor=asker, status="succeeded", at=at + 3 * MINUTE)
    ended = deploying.finish_deployment(running, actor=asker, status="rolled_back", at=at + 3 * MINUTE)
    assert (ended.status, change_of(running.evaluation).outcome_code) == ("rolled_back", "unsuccessful")


def test_what_ended_well_is_called_back_while_it_is_watched_and_the_newest_alone(
    standard: Service, running: Deployment, asker: Actor
) -> None:
    ended = T0 + HOUR + MINUTE
    deploying.finish_deployment(running, actor=asker, status="succeeded", at=ended)
    newer = start(_asked(standard, asker, an_artifact("4.7.2"), ended + MINUTE), asker, ended + MINUTE)
    deploying.finish_deployment(newer, actor=asker, status="succeeded", at=ended + 2 * MINUTE)
    slug = "checkout-availability"
    service = standard.pk
    watched = ended + 2 * MINUTE + deploying.WATCH
    assert deploying.call_back(service, "production", objective=slug, at=watched) == 0
    assert deploying.call_back(service, "staging", objective=slug, at=watched - MINUTE) == 0
    assert deploying.call_back(service, "production", objective=slug, at=watched - MINUTE) == 1
    called = RollBackCall.objects.get()
    assert (called.deployment, called.back_to) == (newer, Deployment.objects.get(artifact_digest=GOOD))
    assert deploying.call_back(service, "production", objective=slug, at=watched - MINUTE) == 0


@pytest.mark.parametrize(("state", "answer"), [("no_data", "hold"), ("exhausted", "hold"), ("watch", "go_on")])
def test_what_is_not_known_or_no_longer_let_go_holds(
    standard: Service, running: Deployment, asker: Actor, state: str, answer: str
) -> None:
    at = T0 + HOUR + MINUTE
    restate(standard, state, at)
    stage = deploying.ask_stage(running, actor=asker, name="10 %", at=at)
    assert (stage.answer, bool(stage.because)) == (answer, answer == "hold")
    assert not RollBackCall.objects.exists()


def test_a_lockdown_holds_and_nothing_known_before_says_so(
    standard: Service, asker: Actor, managing: Actor, owning: Actor
) -> None:
    first = start(_asked(standard, asker, GOOD, T0), asker, T0)
    restate(standard, "burning_fast", T0 + MINUTE)
    deploying.ask_stage(first, actor=asker, name="1 %", at=T0 + MINUTE)
    assert RollBackCall.objects.get().back_to is None
    other = a_measured_service()
    deployment = start(_asked_by_model(other, asker, owning), asker, T0)
    a_window(
        managing, window_type="lockdown", name="Black Friday", starts_at=T0, ends_at=T0 + HOUR, reason="Orders.",
        at=T0, services=[other],
    )  # fmt: skip
    stage = deploying.ask_stage(deployment, actor=asker, name="1 %", at=T0 + MINUTE)
    assert (stage.answer, stage.because) == ("hold", "lockdown: Black Friday")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({}, ""),
        ({"witness": ""}, "Nobody but those who wanted it saw it work there"),
        ({"watch": "", "witness": ""}, "It was not watched to a clean end there"),
    ],
)
def test_why_what_ran_before_is_not_known_to_work_is_said_the_same_wherever_it_is_asked(
    standard: Service, running: Deployment, web: Callable[..., Any], approver: User, seen: dict[str, str], why: str
) -> None:
    good = Deployment.objects.filter(artifact_digest=GOOD)
    good.update(**seen)
    assert str(good.get().why_unknown)[: len(why)] == why
    assert bool(good.get().why_unknown) is bool(why)
    _burns(standard, T0 + HOUR + MINUTE)
    page = web(approver).get(running.change.get_absolute_url()).content.decode()
    letter = Notification.objects.get(subject__startswith="Roll back CHG-").body
    for said in (page, letter):
        assert ("What worked there before:" in said) is not bool(why)
        assert all((one in said) is (one == why) for one in _WHYS)


_WHYS = ("Nobody but those who wanted it saw it work there", "It was not watched to a clean end there")


def _asked_by_model(service: Service, asker: Actor, owning: Actor) -> Change:
    a_model(service, owning)
    return _asked(service, asker, GOOD, T0)


def test_who_asks_and_when(
    running: Deployment, asker: Actor, as_actor: Callable[..., Actor], person: Callable[..., User],
    api: Callable[..., APIClient], pipeline: User, requester: User,
) -> None:  # fmt: skip
    path = f"/api/v1/changes/{running.change.reference}/deployments"
    client = api(pipeline)
    for odd in (
        {},
        {"name": ""},
        {"name": "x" * 41},
        {"name": "a", "percent": 101},
        {"name": "a", "percent": -1},
        {"name": "a", "now": 1},
    ):
        assert client.post(f"{path}/1/stages/", odd, format="json").status_code == 400
    assert client.post(f"{path}/2/stages/", {"name": "a"}, format="json").status_code == 404
    assert client.get(f"{path}/2/").status_code == 404
    assert api(requester).get(f"{path}/1/").status_code == 404
    stranger = as_actor(person("agent", username="stranger"))
    with pytest.raises(NotPermitted):
        deploying.ask_stage(running, actor=stranger, name="1 %", at=T0 + HOUR)
    deploying.finish_deployment(running, actor=asker, status="failed", at=T0 + HOUR + MINUTE)
    with pytest.raises(WrongState):
        deploying.ask_stage(running, actor=asker, name="1 %", at=T0 + HOUR + MINUTE)
