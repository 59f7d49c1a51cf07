"""Pages of software agents."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts import tokens
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Token, User
from itsm.agents import calling, operations, queries
from itsm.agents.acting import call_of
from itsm.agents.models import Agent, AgentSwitch
from itsm.kernel.actors import Door
from tests.itsm.agents.founding import agent_of
from tests.statements import statements

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


def test_the_empty_list_teaches_and_the_others_list_is_ones_own(
    web: Web, engineer: User, agent: User, auditor: User
) -> None:
    assert "Connect one in two minutes" in web(agent).get("/agents/").content.decode()
    web(engineer).post("/agents/connect/", {"name": "Robin", "capabilities": ["gate"], "password": ""})
    assert "Robin" in web(engineer).get("/agents/").content.decode()
    assert "Robin" in web(auditor).get("/agents/").content.decode()
    assert "Robin" not in web(agent).get("/agents/").content.decode()
    assert web(agent).get("/agents/agent+robin/").status_code == 404


def test_connecting_shows_what_is_copied_into_three_clients(web: Web, engineer: User, settings: Any) -> None:
    page = web(engineer).get("/agents/connect/").content.decode()
    for said in (".cursor/mcp.json", ".vscode/mcp.json", "--transport http headroom"):
        assert said in page
    assert page.count(f"{settings.BASE_URL}/mcp") == 3
    assert "hr_" not in page


def test_a_token_is_shown_once_as_each_program_takes_it(web: Web, connected: Agent) -> None:
    client, here = web(connected.account.owner), connected.get_absolute_url()
    page = client.post(f"{here}tokens/", {"hours": 8, "capabilities": ["gate"]}).content.decode()
    text = re.findall(r"hr_[A-Za-z0-9]{12}\.[A-Za-z0-9_-]{43}", page)
    assert len(set(text)) == 1
    assert len(text) >= 4  # by itself, and in three configurations; VS Code asks for it
    assert "${input:headroom-token}" in page
    assert tokens.opened(text[0], timezone.now(), of_agents=True).scopes == ["gate"]
    assert text[0] not in client.get(here).content.decode()
    assert client.post(f"{here}tokens/", {"hours": 9_999}).status_code == 422
    assert client.post(f"{here}tokens/", {"hours": 8, "capabilities": ["approve"]}).status_code == 422


def test_a_token_that_writes_outward_after_reading_is_issued_by_who_shows_who_they_are(
    web: Web, connected: Agent
) -> None:
    client, here = web(connected.account.owner), connected.get_absolute_url()
    connected.account.owner.set_password("correct horse battery")
    connected.account.owner.save()
    client.force_login(connected.account.owner)
    assert 'name="password"' not in client.get(here).content.decode()
    Agent.objects.update(outward_after_reading=["gate"])
    assert 'name="password"' in client.get(here).content.decode()
    for password, status in (("", 403), ("wrong", 400), ("correct horse battery", 200)):
        answer = client.post(f"{here}tokens/", {"hours": 8, "capabilities": ["gate"], "password": password})
        assert answer.status_code == status
    assert Token.objects.get(owner=connected.account).scopes == ["gate"]


def test_a_form_that_is_sent_twice_makes_one_token(web: Web, connected: Agent) -> None:
    client, here = web(connected.account.owner), f"{connected.get_absolute_url()}tokens/"
    for _ in range(2):
        client.post(here, {"hours": 8, "form_token": "the same"})
    assert Token.objects.filter(owner=connected.account).count() == 1


def test_it_is_stopped_and_let_go_on_and_ended(web: Web, connected: Agent, admin: User) -> None:
    client, here = web(connected.account.owner), connected.get_absolute_url()
    client.post(f"{here}tokens/", {"hours": 8})
    client.post(f"{here}stop/", {"reason": "asks at night"})
    page = client.get(here).content.decode()
    assert "asks at night" in page
    assert "None is alive" in page
    client.post(f"{here}resume/")
    web(admin).post(f"{here}stop/", {"reason": "no"})
    assert client.post(f"{here}resume/").status_code == 403
    assert "Let it go on" not in client.get(here).content.decode()
    web(admin).post(f"{here}resume/")
    client.post(f"{here}end/")
    assert "Issue a token" not in client.get(here).content.decode()
    assert connected.name not in client.get("/agents/").content.decode()
    assert connected.name in client.get("/agents/?ended=1").content.decode()


def test_one_token_is_revoked(web: Web, connected: Agent, engineer: User) -> None:
    client, here = web(engineer), connected.get_absolute_url()
    client.post(f"{here}tokens/", {"hours": 8})
    token = Token.objects.get(owner=connected.account)
    assert client.post(f"{here}tokens/{'x' * 12}/revoke/").status_code == 404
    client.post(f"{here}tokens/{token.prefix}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_what_it_may_is_said_anew_and_a_stale_page_is_refused(web: Web, connected: Agent) -> None:
    client, here = web(connected.account.owner), f"{connected.get_absolute_url()}edit/"
    said = {"name": "Robin", "capabilities": ["gate"], "version": connected.version}
    client.post(here, said)
    connected.refresh_from_db()
    assert connected.capabilities == ["gate"]
    assert client.post(here, {**said, "capabilities": ["desk:read"]}).status_code == 412
    wide = {**said, "version": connected.version, "outward_after_reading": ["gate"]}
    assert client.post(here, wide).status_code == 403  # who they are was not shown
    connected.refresh_from_db()
    assert connected.outward_after_reading == []


def test_administrators_shut_the_door_and_show_who_they_are_to_open_it(web: Web, admin: User, manager: User) -> None:
    assert web(manager).get("/agents/stop-all/").status_code == 403
    client = web(admin)
    assert client.post("/agents/stop-all/", {"reason": ""}).status_code == 422
    client.post("/agents/stop-all/", {"reason": "a leak <b>"})
    page = web(manager).get("/agents/").content.decode()
    assert "a leak &lt;b&gt;" in page
    assert client.post("/agents/resume-all/", {}).status_code == 422
    assert AgentSwitch.objects.get().stopped_at is not None
    session = client.session
    session["proved_at"] = timezone.now().timestamp()
    session.save()
    client.post("/agents/resume-all/", {})
    assert AgentSwitch.objects.get().stopped_at is None


def test_its_page_tells_what_it_asked_and_was_refused(web: Web, connected: Agent, engineer: User) -> None:
    at = timezone.now()
    call = call_of(connected, engineer, frozenset(connected.capabilities), at=at)
    calling.call(call, "search", {"text": "printer"})
    for _ in range(2):
        calling.call(call, "<b>approve</b>", {})
    did = queries.did(connected, timezone.now())
    assert [(one.tool, one.calls, one.refused) for one in did.used] == [("<b>approve</b>", 2, 2), ("search", 1, 0)]
    assert [one.is_refused for one in did.calls] == [True, True, False]
    assert queries.did(connected, at + timedelta(days=8)).used == []
    page = web(engineer).get(connected.get_absolute_url()).content.decode()
    assert "&lt;b&gt;approve&lt;/b&gt;" in page
    assert "unknown-tool" in page


def test_an_administrator_sees_whom_it_acts_for_and_may_not_give_it_anything(
    web: Web, connected: Agent, admin: User
) -> None:
    page = web(admin).get(connected.get_absolute_url()).content.decode()
    assert "Stop it" in page
    assert "Issue a token" not in page
    assert web(admin).get(f"{connected.get_absolute_url()}edit/").status_code == 403
    operations.end(connected, actor=actor_for(connected.account.owner, Door.WEB), at=timezone.now())
    assert "Stop it" not in web(admin).get(connected.get_absolute_url()).content.decode()


def test_many_agents_cost_as_many_statements_as_one(web: Web, connected: Agent, text_of: Callable[..., str]) -> None:
    client, here = web(connected.account.owner), connected.get_absolute_url()
    text_of(connected)
    first = {address: statements(client, address) for address in ("/agents/", here)}
    for number in range(5):
        agent_of(connected.account.owner, name=f"another-{number}")
        text_of(connected)
    assert {address: statements(client, address) for address in first} == first
    assert max(first.values()) <= 25, first
