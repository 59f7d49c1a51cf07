"""A verdict is told as it stands now, at every door: what lapsed, or ended, is approved nowhere; decisions stay."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.models.standing import verdict_at
from changes.change.operations.asking import ask_again
from changes.change.operations.editing import edit
from changes.change.operations.evaluations import expire
from changes.change.operations.pausing import put_on_hold, resume
from changes.change.operations.people_decide import cancel_evaluation
from changes.change.queries.at_stake import at_stake
from changes.change.queries.list_rows import list_rows
from changes.change.workflow import WAITING
from changes.models import Change, Decision, Evaluation, History
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.lifecycle import record_changed
from itsm.webhooks import pictures
from tests.changes.change.agents.conftest import use
from tests.factories.changes import a_measured_service, a_model, ask, change_of
from tests.factories.slo import T0, a_service
from tests.itsm.agents.founding import agent_of, call_by

pytestmark = pytest.mark.django_db
_DAY = timedelta(days=1)


@pytest.fixture
def let_go(pipeline: User, owner: User) -> Evaluation:
    """Approved by the policy this minute, as a standard change."""
    return _let_go(pipeline, owner, timedelta(0))


@pytest.fixture
def lapsed(pipeline: User, owner: User) -> Evaluation:
    """The same a day ago; nobody used it, and no sweeper has come since."""
    evaluation = _let_go(pipeline, owner, _DAY)
    assert (change_of(evaluation).status, evaluation.status) == ("scheduled", "approved")
    return evaluation


def _let_go(pipeline: User, owner: User, ago: timedelta) -> Evaluation:
    at = timezone.now() - ago
    service = a_measured_service(at=at)
    a_model(service, actor_for(owner, Door.WEB), at=at)
    return ask(service, actor_for(pipeline, Door.API), at=at, change_class="standard")


def _found(client: Any, **asked: str) -> list[str]:
    said = client.get("/api/v1/changes/", asked).json()
    return [one["number"] for one in said["results"]]


def test_what_lapsed_is_approved_at_no_door_though_no_sweeper_came(
    lapsed: Evaluation, engineer: User, pipeline: User, api: Callable[..., Any], web: Callable[..., Any]
) -> None:
    change = change_of(lapsed)
    client = api(engineer)
    said = client.get(f"/api/v1/changes/{change.reference}/").json()
    assert (said["verdict"], said["last_verdict"]) == ("", "approved")
    (listed,) = client.get("/api/v1/changes/").json()["results"]
    assert listed["verdict"] == ""
    assert pictures.kinds()["change"].draw(change)["verdict"] == ""  # as webhooks draw it
    for wanted in ("approved", "blocked", "peer"):
        assert _found(client, verdict=wanted) == [], wanted
    answer = api(pipeline).get(f"/api/v1/gate-evaluations/{lapsed.pk}/").json()
    assert (answer["status"], answer["allowed"], answer["outcome"]) == ("expired", False, "approved")
    assert answer["ended_because"] == "not used in time"
    told: Any = use(call_by(agent_of(engineer)), "why", {"change": change.reference})
    assert (told.status, told.allowed) == ("expired", False)
    assert "ask_gate" in told.next[0]
    listed = web(engineer).get("/changes/?tab=all").content.decode().partition("<tbody")[2]
    assert ">Approved<" not in listed
    page = web(engineer).get(change.get_absolute_url()).content.decode()
    assert "Expired: not used in time" in page
    assert "no longer good" in page
    assert list_rows([change])[0].waits == "its author, to ask again"


def test_the_page_of_what_lapsed_says_what_the_list_says(
    lapsed: Evaluation, engineer: User, pipeline: User, owner: User, api: Callable[..., Any], web: Callable[..., Any]
) -> None:
    """Who may ask again, no instant until which it were good, no step that would be refused, nothing to lose."""
    change, now = change_of(lapsed), timezone.now()
    page = web(engineer).get(change.get_absolute_url()).content.decode()
    assert "who asked for it, may ask again" in page or "asked for it and may ask again" in page
    assert "Good until" not in page
    offered = api(pipeline).get(f"/api/v1/changes/{change.reference}/").json()["available"]
    assert ("start" in offered, "revert" in offered) == (False, True)
    assert at_stake(lapsed, change, now) is None
    edited = edit(
        change, actor=actor_for(pipeline, Door.API), version=change.version, at=now, agreed="", plan="Another."
    )
    assert (edited.voided, edited.status) == (None, "draft")


def test_the_page_of_what_is_good_says_until_when_and_what_an_edit_takes(
    let_go: Evaluation, pipeline: User, api: Callable[..., Any], web: Callable[..., Any], engineer: User
) -> None:
    change = change_of(let_go)
    page = web(engineer).get(change.get_absolute_url()).content.decode()
    assert ("Good until" in page, "may ask again" in page) == (True, False)
    assert "start" in api(pipeline).get(f"/api/v1/changes/{change.reference}/").json()["available"]
    lost = at_stake(let_go, change, timezone.now())
    assert lost is not None
    assert "authorisation that it has now ends" in lost.said()[0]


def test_what_is_good_is_told_and_found(let_go: Evaluation, engineer: User, api: Callable[..., Any]) -> None:
    change, client = change_of(let_go), api(engineer)
    assert client.get(f"/api/v1/changes/{change.reference}/").json()["verdict"] == "approved"
    assert _found(client, verdict="approved") == [change.reference]
    assert _found(client, verdict="peer") == []


def test_to_the_instant(let_go: Evaluation) -> None:
    until = let_go.expires_at
    assert until is not None
    before = until - timedelta(microseconds=1)
    assert (let_go.stands(before), let_go.is_good(before)) == ("approved", True)
    assert (let_go.stands(until), let_go.is_good(until)) == ("expired", False)
    assert Change.objects.saying("approved", before).exists()
    assert not Change.objects.saying("approved", until).exists()


def _expired(evaluation: Evaluation, actor: Actor) -> None:
    assert evaluation.expires_at is not None
    expire(evaluation.change_id, evaluation.expires_at)


def _cancelled(evaluation: Evaluation, actor: Actor) -> None:
    cancel_evaluation(evaluation, actor=actor, at=timezone.now())


def _held(evaluation: Evaluation, actor: Actor) -> None:
    put_on_hold(change_of(evaluation), actor=actor, hold_reason="The vendor.", at=timezone.now())


@pytest.mark.parametrize("ends", [_expired, _cancelled, _held])
def test_what_ended_is_told_by_its_decision_alone(
    let_go: Evaluation, ends: Any, pipeline: User, engineer: User, api: Callable[..., Any]
) -> None:
    kept = Decision.objects.values().get()
    ends(let_go, actor_for(pipeline, Door.API))
    change = change_of(let_go)
    client = api(engineer)
    said = client.get(f"/api/v1/changes/{change.reference}/").json()
    assert (said["verdict"], said["last_verdict"]) == ("", "approved")
    assert _found(client, verdict="approved") == []
    assert Decision.objects.values().get() == kept
    assert Change.objects.get().verdict == "approved"


def test_a_refusal_is_told_of_the_draft_that_it_became(engineer: User, pipeline: User, api: Callable[..., Any]) -> None:
    service = a_measured_service("exhausted")
    History.objects.create(
        service=service, environment="production", runs=20, weighted_runs=20, weighted_failures=19, as_of=T0,
        recent=[True] * 20,
    )  # fmt: skip
    asked = ask(service, actor_for(pipeline, Door.API))
    change, client = change_of(asked), api(engineer)
    assert (change.status, asked.outcome) == ("draft", "blocked")
    assert client.get(f"/api/v1/changes/{change.reference}/").json()["verdict"] == "blocked"
    assert _found(client, verdict="blocked") == [change.reference]


def _blocked(evaluation: Evaluation, actor: Actor) -> None:
    """As if the gate had refused what lies as a draft again."""
    _expired(evaluation, actor)
    Change.objects.update(verdict="blocked")


def _asked_again(change: Change, actor: Actor) -> None:
    ask_again(change, actor=actor, at=timezone.now())


def _resumed(change: Change, actor: Actor) -> None:
    resume(change, actor=actor, at=timezone.now())


@pytest.mark.parametrize(
    ("ends", "asks", "event"),
    [(_expired, _asked_again, "submitted"), (_held, _resumed, "resumed"), (_blocked, _asked_again, "submitted")],
)
def test_a_change_that_is_just_asked_anew_has_no_verdict_of_before(
    let_go: Evaluation, ends: Any, asks: Any, event: str, pipeline: User
) -> None:
    """Its event is drawn between the step and the gate's word; nobody is told the old one of it."""
    actor = actor_for(pipeline, Door.API)
    ends(let_go, actor)
    told: list[tuple[str, str, str]] = []

    def hear(news: Any, **kwargs: Any) -> None:
        drawn = pictures.kinds()["change"].draw(news.record)
        told.append((news.event, news.record.status, drawn["verdict"]))

    record_changed.connect(hear, sender=Change)
    try:
        asks(change_of(let_go), actor)
    finally:
        record_changed.disconnect(hear, sender=Change)
    assert (f"change.{event}", "assessing", "") in told
    assert change_of(let_go).verdict_now == "approved"


def test_lists_find_each_change_by_the_verdict_that_it_tells() -> None:
    """The property and the condition are one rule, in every state."""
    at, service = timezone.now(), a_service()
    states = ("draft", "assessing", "authorising", "scheduled", "on_hold", "running", "reviewing", "cancelled")
    verdicts = ("approved", "exception", "peer", "postponed", "blocked")
    Change.objects.bulk_create(
        Change(
            service=service, summary=f"{status} {verdict}", created_at=at, status=status, verdict=verdict,
            change_class="emergency" if status == "authorising" else "normal", authorised_until=at + until, held_at=at, hold_reason="It waits.",
        )
        for status in states for verdict in verdicts for until in (-_DAY, timedelta(0), _DAY)
    )  # fmt: skip
    every = list(Change.objects.all())
    told = {wanted: {one.pk for one in every if verdict_at(one, at) == wanted} for wanted in verdicts}
    assert {wanted: {one.pk for one in Change.objects.saying(wanted, at)} for wanted in verdicts} == told
    assert sum(map(len, told.values())) < len(every)
    waits = {verdict_at(one, at) for one in every if one.status in WAITING}
    assert waits == {"", "peer", "postponed"}, "what is settled without people does not hold while it waits"
