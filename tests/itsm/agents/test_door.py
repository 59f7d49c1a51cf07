"""`POST /mcp`: both eras of the protocol, who is let in, and what is said to whoever is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import Token, User
from itsm.agents import counting
from itsm.agents.door import views
from itsm.agents.models import Agent, CallCount
from itsm.audit.models import Entry
from itsm.kernel.places import room_for_an_agent
from tests.conftest import SYSTEM
from tests.itsm.agents.door import META, MODERN, Door, token_of
from tests.itsm.agents.founding import ECHO, READ, a_tool, agent_of, declared
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(person: Callable[..., User]) -> Agent:
    return agent_of(person("engineer"))


@pytest.fixture
def door(agent: Agent) -> Door:
    return Door(token_of(agent))


@pytest.fixture(autouse=True)
def _test_tools() -> Iterator[None]:
    with declared(ECHO, READ):
        yield


def test_revision_2026_07_28_in_one_post_each(door: Door) -> None:
    found = door.modern("server/discover").json()["result"]
    assert MODERN in found["supportedVersions"]
    assert "tools" in found["capabilities"]
    tools = {tool["name"]: tool for tool in door.modern("tools/list").json()["result"]["tools"]}
    assert tools["test_echo"]["inputSchema"]["properties"]["word"]["type"] == "string"
    assert tools["test_echo"]["inputSchema"]["additionalProperties"] is False
    assert "quoted_from" in str(tools["test_echo"]["outputSchema"])
    assert tools["test_echo"]["annotations"] == {
        "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False
    }  # fmt: skip
    response = door.modern("tools/call", {"name": "test_echo", "arguments": {"word": "größer"}})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    result = response.json()["result"]
    assert result["resultType"] == "complete"
    assert result["structuredContent"] == {"next": ["Say more."], "word": "größer", "quotation": None}
    assert result["isError"] is False


@pytest.mark.parametrize("revision", ["2025-11-25", "2025-06-18", "2025-03-26", None])
def test_revisions_with_a_handshake_are_answered_without_a_session(door: Door, revision: str | None) -> None:
    client = {"clientInfo": {"name": "x", "version": "1"}, "capabilities": {}}
    response = door.old("initialize", {"protocolVersion": revision or "1999-01-01", **client}, revision=None)
    assert response.json()["result"]["protocolVersion"] == (revision or "2025-11-25")
    assert "Mcp-Session-Id" not in response
    initialized = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    taken = door.send(initialized, mcp_protocol_version=revision)
    assert (taken.status_code, taken.content) == (202, b"")
    assert door.old("ping", revision=revision).json() == {"jsonrpc": "2.0", "id": "a", "result": {}}
    call = {"name": "test_echo", "arguments": {"word": "a", "number": 1}}
    result = door.old("tools/call", call, revision=revision).json()["result"]
    assert result["structuredContent"]["word"] == "a"
    assert "resultType" not in result


def test_what_a_tool_refuses_is_its_answer(door: Door) -> None:
    wrong = door.modern("tools/call", {"name": "test_echo", "arguments": {"word": 1}})
    assert wrong.status_code == 200
    result = wrong.json()["result"]
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "/problems/invalid-input" in result["content"][0]["text"]


@each_of(
    ("change", "status", "code"),
    [({"mcp_protocol_version": None}, 400, -32020), ({"mcp_protocol_version": "2025-06-18"}, 400, -32020),
     ({"mcp_method": None}, 400, -32020), ({"mcp_method": "tools/list"}, 400, -32020),
     ({"mcp_name": "test_read"}, 400, -32020), ({"mcp_name": "=?base64?dGVzdF9yZWFk?="}, 400, -32020),
     ({"mcp_name": "=?base64?dGVzdF9lY2hv?="}, 200, None), ({"mcp_name": "=?base64?!?="}, 400, -32020)],
)  # fmt: skip
def test_headers_and_body_say_the_same(door: Door, change: Any, status: int, code: int | None) -> None:
    response = door.modern("tools/call", {"name": "test_echo", "arguments": {"word": "a"}}, **change)
    assert (response.status_code, response.json().get("error", {}).get("code")) == (status, code)


def test_other_revisions_and_methods_are_told(door: Door) -> None:
    unknown = door.modern("tools/list", {"_meta": {**META, "io.modelcontextprotocol/protocolVersion": "2099-01-01"}},
                          mcp_protocol_version="2099-01-01")  # fmt: skip
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, -32022)
    assert {MODERN, "2025-06-18"} <= set(unknown.json()["error"]["data"]["supported"])
    assert door.old("ping", revision="1999-01-01").status_code == 400
    for response, status in ((door.modern("prompts/list"), 404), (door.old("prompts/list"), 200)):
        assert (response.status_code, response.json()["error"]["code"]) == (status, -32601)
    assert door.modern("ping").status_code == 404, "the newest revision has none"
    assert door.modern("tools/call", {"name": "approve"}).json()["error"]["code"] == -32602
    assert door.modern("tools/list", {"cursor": "x"}).json()["error"]["code"] == -32602
    assert door.modern("tools/list", {"_meta": {}}).json()["error"]["code"] == -32602


@each_of(
    ("body", "code"),
    [(" ", -32700), ("{", -32700), ("nul", -32700), ("[" * 100_000, -32700), ('{"a":1,"a":2}', -32700),
     ('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":NaN}}', -32700), (b"\xff\xfe", -32700),
     ("[]", -32600), ('[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600), ("3", -32600),
     ('{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600), ('{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
     ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600), ('{"jsonrpc":"2.0","id":1,"result":{}}', -32600),
     ('{"jsonrpc":"2.0","method":1}', -32600), ('{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600)],
)  # fmt: skip
def test_what_is_no_message_is_told_in_the_protocols_own_errors(door: Door, body: Any, code: int) -> None:
    response = door.send(body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert response.json()["id"] is None
    assert response.json()["error"]["message"]


def test_http_is_asked_first(door: Door) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for method in ("get", "delete", "put", "options"):
        response = getattr(door.client, method)("/mcp")
        assert (response.status_code, response["Allow"]) == (405, "POST")
    assert door.send(ping, origin="http://evil.example").status_code == 403
    assert door.send(ping, origin="null").status_code == 403
    assert door.send(ping, origin="http://testserver").status_code == 200
    assert door.send(ping, content_type="text/plain").status_code == 415
    assert door.send(ping, content_encoding="gzip").status_code == 415
    assert door.send(ping, accept="text/event-stream").status_code == 406
    assert door.send(ping, accept=None).status_code == 200
    assert door.send("x" * 5_000_000).status_code == 413


def test_a_name_that_points_here_is_no_name_of_ours(door: Door, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    door.client.raise_request_exception = False
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert door.send(ping, host="evil.example", origin="http://evil.example").status_code == 400
    assert door.client.get("/sign-in/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.writes_behind("I16")  # its owner leaves by no operation, which would have ended what it is asked with
def test_only_a_token_of_an_agent_opens_it(door: Door, agent: Agent, person: Callable[..., User]) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    _, of_a_person = accounts.issue_token(person("engineer"), actor=SYSTEM, name="x")
    for header, error in ((None, False), ("Bearer nonsense", True), ("Basic x", True), (f"Bearer {of_a_person}", True)):
        response = door.send(ping, authorization=header)
        assert (response.status_code, response.json()["error"]["code"]) == (401, -32010)
        assert "/.well-known/oauth-protected-resource/mcp" in response["WWW-Authenticate"]
        assert ('error="invalid_token"' in response["WWW-Authenticate"]) is error
    User.objects.filter(username="engineer").update(is_active=False)
    assert door.send(ping).status_code == 401, "its owner has left"


def test_tools_are_listed_and_run_by_what_the_token_holds_now(agent: Agent) -> None:
    narrow = Door(token_of(agent, "desk:read"))
    assert [tool for tool in narrow.modern("tools/list").json()["result"]["tools"] if tool["name"] == "test_echo"] == []
    call = {"name": "test_echo", "arguments": {"word": "a"}}
    assert "capability-not-given" in narrow.modern("tools/call", call).json()["result"]["content"][0]["text"]
    wide = Door(token_of(agent))
    Agent.objects.update(capabilities=["gate"])
    assert "capability-not-given" in wide.modern("tools/call", call).json()["result"]["content"][0]["text"]


def test_too_many_calls_are_429_and_wait_for_the_next_minute(door: Door, agent: Agent) -> None:
    call = {"name": "test_echo", "arguments": {"word": "a"}}
    door.modern("tools/call", call)
    CallCount.objects.update(calls=counting.CALLS_A_MINUTE, minute=timezone.now() + timezone.timedelta(minutes=1))
    response = door.modern("tools/call", call)
    assert (response.status_code, response.json()["error"]["code"]) == (429, -32012)
    assert 0 < int(response["Retry-After"]) <= 60


def test_agents_take_turns_so_that_people_are_served(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_PATIENCE", 0)
    call = {"name": "test_echo", "arguments": {"word": "a"}}
    with room_for_an_agent(0) as has_room:
        assert has_room
        busy = door.modern("tools/call", call)
        assert (busy.status_code, busy["Retry-After"], busy.json()["error"]["code"]) == (429, "1", -32012)
        assert Door("hr_nobody").modern("ping").status_code == 429, "before the database is asked who it is"
    assert not CallCount.objects.exists(), "what was not begun is not counted"
    assert door.modern("tools/call", call).status_code == 200


def test_a_tool_that_fails_is_our_fault_and_says_so(door: Door) -> None:
    def fail(call: Any, given: Any) -> Any:
        raise ZeroDivisionError("secret of the house")

    with declared(a_tool("test_fails", fail)):
        response = door.modern("tools/call", {"name": "test_fails", "arguments": {"word": "a"}})
    assert (response.status_code, response.json()["error"]["code"]) == (500, -32603)
    assert "secret" not in response.content.decode()


def test_a_call_costs_three_statements(door: Door, django_assert_num_queries: Any) -> None:
    call = {"name": "test_echo", "arguments": {"word": "a"}}
    door.modern("tools/call", call)
    assert Token.objects.filter(last_used_at=None).count() == 0
    # Token, agent and owner; count and switches; the entry.
    with django_assert_num_queries(3):
        door.modern("tools/call", call)
    assert Entry.objects.filter(event="agent.called").count() == 2
