"""Software agents over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import tokens
from itsm.accounts.models import Token, User
from itsm.agents.models import Agent, AgentSwitch

pytestmark = pytest.mark.django_db
AT = "/api/v1/agents/"
Api = Callable[..., APIClient]


def test_an_agent_is_connected_given_a_token_and_stopped(api: Api, engineer: User) -> None:
    client = api(engineer)
    made = client.post(AT, {"name": "Cursor", "capabilities": ["desk:read", "gate"]}, format="json")
    assert (made.status_code, made.json()["login"], made.json()["state"]) == (201, "agent+cursor", "active")
    assert made.json()["capabilities"] == ["gate", "desk:read"]
    here = f"{AT}agent+cursor/"
    assert made["Location"].endswith(here)
    issued = client.post(f"{here}tokens/", {"capabilities": ["gate"], "hours": 24}, format="json")
    assert issued["Cache-Control"] == "no-store"
    text = issued.json()["token"]
    assert tokens.opened(text, timezone.now(), of_agents=True).scopes == ["gate"]
    shown = client.get(here).json()
    assert [one["token"] for one in shown["tokens"]] == [None]
    assert text not in str(shown)
    stopped = client.post(f"{here}stop/", {"reason": "enough"}, format="json").json()
    assert (stopped["state"], stopped["stopped_by"], stopped["tokens"]) == ("stopped", "engineer", [])
    assert client.post(f"{here}resume/", {}, format="json").json()["state"] == "active"
    assert client.post(f"{here}end/", {}, format="json").json()["state"] == "ended"


def test_a_token_that_is_asked_for_again_is_not_shown_again(api: Api, connected: Agent) -> None:
    client, here = api(connected.account.owner), f"{AT}{connected.reference}/tokens/"
    first, second = (client.post(here, {}, format="json", HTTP_IDEMPOTENCY_KEY="one") for _ in range(2))
    assert Token.objects.filter(owner=connected.account).count() == 1
    assert first.json()["token"].startswith(first.json()["reference"])
    assert (second.status_code, second.json()["token"]) == (201, None)


def test_no_token_issues_one_that_writes_outward_after_reading(api: Api, connected: Agent) -> None:
    client, here = api(connected.account.owner), f"{AT}{connected.reference}/tokens/"
    Agent.objects.update(outward_after_reading=["gate"])
    refused = client.post(here, {}, format="json")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "password-needed")
    assert client.post(here, {"capabilities": ["desk:read"]}, format="json").status_code == 201
    assert [one.scopes for one in Token.objects.filter(owner=connected.account)] == [["desk:read"]]


def test_one_token_is_revoked_by_its_name(api: Api, connected: Agent) -> None:
    client, here = api(connected.account.owner), f"{AT}{connected.reference}/"
    kept, gone = (client.post(f"{here}tokens/", {}, format="json").json()["reference"] for _ in range(2))
    answer = client.post(f"{here}revoke-token/", {"token": gone}, format="json")
    assert [one["reference"] for one in answer.json()["tokens"]] == [kept]
    for wrong in (
        "hr_nothingthere",
        gone[:-1],
        "x",
        f"hr_{Token.objects.exclude(owner=connected.account).get().prefix}",
    ):
        assert client.post(f"{here}revoke-token/", {"token": wrong}, format="json").status_code == 404


def test_others_do_not_see_it_and_administrators_stop_it(
    api: Api, connected: Agent, agent: User, auditor: User, admin: User
) -> None:
    here = f"{AT}{connected.reference}/"
    assert api(agent).get(here).status_code == 404
    assert api(agent).get(AT).json()["results"] == []
    assert [one["login"] for one in api(auditor).get(AT).json()["results"]] == [connected.reference]
    assert api(auditor).post(f"{here}stop/", {}, format="json").status_code == 403
    assert api(admin).post(f"{here}tokens/", {}, format="json").status_code == 403
    assert api(admin).post(f"{here}stop/", {}, format="json").json()["stopped_by"] == "admin"
    assert api(connected.account.owner).post(f"{here}resume/", {}, format="json").status_code == 403


def test_a_token_that_is_narrowed_gives_no_agent_more_than_it_holds(api: Api, connected: Agent) -> None:
    narrow = api(connected.account.owner, "people:write", "read")
    here = f"{AT}{connected.reference}/"
    assert narrow.post(f"{here}tokens/", {}, format="json").status_code == 403
    assert narrow.post(AT, {"name": "x", "capabilities": ["gate"]}, format="json").status_code == 403
    assert narrow.patch(here, {"purpose": "x"}, format="json", HTTP_IF_MATCH='"1"').status_code == 403
    assert narrow.post(f"{here}stop/", {}, format="json").status_code == 200


def test_the_door_is_shut_for_all_and_opened_by_no_token(api: Api, admin: User) -> None:
    client = api(admin)
    assert client.get(f"{AT}door/").json() == {"is_shut": False, "stopped_at": None, "stopped_by": None, "reason": ""}
    assert client.post(f"{AT}stop-all/", {"reason": ""}, format="json").status_code == 400
    shut: Any = client.post(f"{AT}stop-all/", {"reason": "a leak"}, format="json").json()
    assert (shut["is_shut"], shut["stopped_by"], shut["reason"]) == (True, "admin", "a leak")
    assert client.post(f"{AT}resume-all/", {}, format="json").status_code == 403
    assert AgentSwitch.objects.get().stopped_at is not None


def test_edits_read_the_version_and_refuse_what_is_odd(api: Api, connected: Agent) -> None:
    client, here = api(connected.account.owner), f"{AT}{connected.reference}/"
    assert client.patch(here, {"purpose": "x"}, format="json").status_code == 428
    assert client.patch(here, {"purpose": "x"}, format="json", HTTP_IF_MATCH='"9"').status_code == 412
    for wrong in ({"capabilities": []}, {"capabilities": ["approve"]}, {"capabilities": "gate"}, {"owner": "admin"}):
        assert client.patch(here, wrong, format="json", HTTP_IF_MATCH='"1"').status_code == 400, wrong
    kept = client.patch(here, {"name": "Robin", "capabilities": ["gate"]}, format="json", HTTP_IF_MATCH='"1"').json()
    assert (kept["name"], kept["capabilities"]) == ("Robin", ["gate"])
