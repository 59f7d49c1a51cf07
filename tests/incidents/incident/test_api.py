"""Incidents over REST: who may, from where, and what is open next."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from incidents.models import Incident
from itsm.accounts.models import User
from itsm.notifications.models import Notification
from itsm.notifications.web_addresses import our_address
from tests.api.world import World, bearer, token_of

pytestmark = pytest.mark.django_db
WORDS = {
    "hold": {"hold_reason": "other", "reason": "x"},
    "cancel": {"cancel_code": "withdrawn", "reason": "x"},
    "reopen": {"reason": "x"},
    "resolve": {"resolution": "x", "resolution_code": "solved"},
}
WAY_TO = {
    "new": (),
    "in_progress": ("acknowledge",),
    "on_hold": ("acknowledge", "hold"),
    "resolved": ("acknowledge", "resolve"),
    "closed": ("acknowledge", "resolve", "close"),
    "cancelled": ("cancel",),
}
OPEN = {
    "new": ["acknowledge", "resolve", "cancel", "escalate", "merge"],
    "in_progress": ["hold", "resolve", "cancel", "escalate", "merge"],
    "on_hold": ["hold", "resume", "resolve", "cancel", "escalate", "merge"],
    "resolved": ["reopen", "close"],
    "closed": [],
    "cancelled": [],
}
STEPS = ("acknowledge", "hold", "resume", "resolve", "reopen", "close", "cancel")


def client(name: str) -> APIClient:
    return bearer(token_of(User.objects.get(username=name)))


def take(caller: APIClient, number: str, step: str, body: Any = None) -> Any:
    with transaction.atomic():
        words = WORDS.get(step, {}) if body is None else body
        return caller.post(f"/api/v1/incidents/{number}/{step}/", words, format="json")


def opened(caller: APIClient, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/api/v1/incidents/", {"title": "Slow", **fields}, format="json")
    assert answer.status_code == 201
    assert answer["Location"] == our_address(f"/api/v1/incidents/{answer.json()['number']}/")
    return answer.json()


@pytest.fixture(autouse=True)
def company(world: World) -> None:
    """Every test here is about the standing company."""


@pytest.mark.parametrize("state", WAY_TO)
def test_each_step_from_each_state(state: str) -> None:
    admin = client("admin")
    number = opened(admin)["number"]
    for step in WAY_TO[state]:
        assert take(admin, number, step).status_code == 200
    read = admin.get(f"/api/v1/incidents/{number}/").json()
    assert (read["state"], read["available"]) == (state, OPEN[state])
    for step in set(STEPS) - set(OPEN[state]):
        answer = take(admin, number, step)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-state")
        assert (answer.json()["state"], answer.json()["available"]) == (state, OPEN[state])


@pytest.mark.parametrize("step", WORDS)
def test_a_step_that_needs_words_says_so(step: str) -> None:
    admin = client("admin")
    number = opened(admin)["number"]
    field = next(iter(WORDS[step]))
    for body in ({}, {field: ""}, {field: "   "}, {field: None}):
        answer = take(admin, number, step, body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize(
    ("role", "available"),
    [("agent", ["reopen"]), ("engineer", ["reopen"]), ("owner", ["reopen", "close"]), ("manager",
    ["reopen", "close"]),
     ("approver", []), ("auditor", []), ("requester", ["reopen", "close"])],
)  # fmt: skip
def test_what_is_open_depends_on_who_asks(role: str, available: list[str]) -> None:
    agent, number = client("agent"), opened(client("requester"))["number"]
    take(agent, number, "acknowledge")
    take(agent, number, "resolve")
    assert client(role).get(f"/api/v1/incidents/{number}/").json()["available"] == available
    for step in ("reopen", "close"):
        with transaction.atomic():
            point = transaction.savepoint()
            assert (take(client(role), number, step).status_code == 200) == (step in available), step
            transaction.savepoint_rollback(point)


def test_a_requester_sees_and_finds_the_own_ones_only() -> None:
    mine, others = opened(client("requester")), opened(client("agent"), title="Secret outage")
    caller = client("requester")
    assert [one["number"] for one in caller.get("/api/v1/incidents/").json()["results"]] == [mine["number"]]
    for query in (f"text={others['number']}", "text=Secret", "priority=3", "state=new", "service=checkout"):
        found = [one["number"] for one in caller.get(f"/api/v1/incidents/?{query}").json()["results"]]
        assert others["number"] not in found, query
    with transaction.atomic():
        hidden, missing = (
            caller.get(f"/api/v1/incidents/{others['number']}/"),
            caller.get("/api/v1/incidents/INC-99999/"),
        )
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["title"] == missing.json()["title"]
    for step in STEPS:
        assert take(caller, others["number"], step).status_code in {403, 404}


def test_a_requester_does_not_cry_wolf() -> None:
    said = opened(client("requester"), priority=1, major=True)
    assert (said["priority"], said["major"]) == (3, False)
    assert opened(client("agent"), priority=1, major=True)["priority"] == 1


def test_another_person_confirms() -> None:
    number = opened(client("agent"))["number"]
    assert take(client("agent"), number, "confirm").status_code == 403
    assert take(client("pipeline"), number, "confirm").status_code == 403
    answer = take(client("engineer"), number, "confirm")
    assert (answer.status_code, answer.json()["confirmed"]) == (200, True)


def test_only_active_people_are_assigned() -> None:
    number = opened(client("agent"))["number"]
    User.objects.filter(username="owner").update(is_active=False)
    for name in ("pipeline", "owner", "nobody"):
        with transaction.atomic():
            answer = client("agent").patch(
                f"/api/v1/incidents/{number}/", {"assigned_to": name}, format="json", HTTP_IF_MATCH='"1"'
            )
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/assigned_to"
    assert Incident.objects.get(title="Slow").assigned_to is None


def test_whoever_reported_it_is_told_that_it_is_resolved() -> None:
    number = opened(client("requester"))["number"]
    agent = client("agent")
    assert take(agent, number, "acknowledge").json()["assigned_to"] == "agent"
    resolved = take(agent, number, "resolve", {"resolution": "Rolled back", "resolution_code": "solved"}).json()
    assert (resolved["resolution"], bool(resolved["resolved_at"])) == ("Rolled back", True)
    told = Notification.objects.get(to__username="requester")
    assert told.subject.startswith(f"{number} is resolved")
    reopened = take(client("requester"), number, "reopen").json()
    assert (reopened["state"], reopened["resolution"], reopened["resolved_at"]) == ("in_progress", "", None)


def test_a_reference_may_be_written_short() -> None:
    number = opened(client("agent"))["number"]
    short = f"inc-{int(number[4:])}"
    assert client("agent").get(f"/api/v1/incidents/{short}/").json()["number"] == number


def test_who_opens_one_for_themselves_is_read_once() -> None:
    agent = client("agent")
    opened(agent)
    with CaptureQueriesContext(connection) as asked:
        made = opened(agent)
    assert made["caller"] == made["opened_by"] == "agent"
    assert sum('FROM "accounts_user"' in one["sql"] for one in asked) <= 1, "with the token they are known already"
