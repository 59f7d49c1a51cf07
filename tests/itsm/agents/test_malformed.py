"""Two thousand messages that are broken in some way: each gets an answer of the protocol, none a failure of ours."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from itsm.accounts.models import User
from itsm.agents import counting, tools
from itsm.agents.models import CallCount
from tests.itsm.agents.door import META, MODERN, Door, token_of
from tests.itsm.agents.founding import agent_of
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.heavy, pytest.mark.django_db]
MESSAGES = 2_000 if IN_FULL else 150
EACH = {-32700, -32600, -32601, -32602, -32020, -32022, True, False}  # errors by code; of tools, whether they refused
STATUSES = {200, 202, 400, 403, 404, 406, 411, 413, 415, 429}
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", " ", "\x00", "\ud800", "\u202e\u200b", "a" * 30_000, "../../etc", "null", "{}",
    [], [[]], {}, {"": None}, {"_meta": 3}, json.loads("[" * 40 + "]" * 40), {"$ref": "#"}, "2026-07-28", "1999-01-01",
    "0001-01-01T00:00:00Z", "INC-99999999999999999999", "CHG-00001", "%s%n", "'; drop table", ["a"] * 2_000,
]  # fmt: skip
HEADERS = ["mcp_protocol_version", "mcp_method", "mcp_name", "accept", "content_type", "origin"]
VALUES = [
    None,
    "",
    "x",
    MODERN,
    "2025-06-18",
    "tools/call",
    "=?base64?!?=",
    "\xff",
    "application/json",
    "*/*",
    "a" * 5_000,
]


def _whole(dice: random.Random) -> dict[str, Any]:
    """A message as it should be, in either era."""
    names = [one.name for one in tools.every()]
    method = dice.choice(["tools/call"] * 6 + ["tools/list", "server/discover", "initialize", "ping", "prompts/get"])
    params: dict[str, Any] = {"name": dice.choice(names), "arguments": _arguments(dice)} if "call" in method else {}
    if method == "initialize":
        params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    if dice.random() < 0.6:
        params["_meta"] = dict(META)
    return {"jsonrpc": "2.0", "id": dice.choice([1, "a"]), "method": method, "params": params}


def _arguments(dice: random.Random) -> dict[str, Any]:
    tool = dice.choice(tools.every())
    names = [*tool.arguments.model_fields, "other"]
    return {name: dice.choice(ODD) for name in names if dice.random() < 0.7}


def _broken(value: Any, dice: random.Random) -> Any:
    """The same with something of it taken away, replaced or doubled."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        name = dice.choice(list(value))
        match dice.randrange(4):
            case 0:
                return {key: one for key, one in value.items() if key != name}
            case 1:
                return {**value, name: dice.choice(ODD)}
            case 2:
                return {**value, dice.choice(["more", name.upper(), ""]): dice.choice(ODD)}
        return {**value, name: _broken(value[name], dice)}
    return dice.choice(ODD)


def _bytes(message: Any, dice: random.Random) -> bytes:
    text = json.dumps(message).encode()
    match dice.randrange(12):
        case 0:
            return text[: dice.randrange(len(text) + 1)]
        case 1:
            at = dice.randrange(len(text) + 1)
            return text[:at] + bytes([dice.randrange(256)]) + text[at:]
        case 2:
            return b"[" + text + b"," + text + b"]"
        case 3:
            return text + text
        case 4:
            return text.replace(b"1", b"1e400").replace(b'"a"', b"NaN")
    return text


def _headers(message: Any, dice: random.Random) -> dict[str, str | None]:
    given = message if isinstance(message, dict) else {}
    params = given.get("params") if isinstance(given.get("params"), dict) else {}
    said: dict[str, str | None] = {}
    if isinstance(params.get("_meta"), dict):
        said = {"mcp_protocol_version": MODERN, "mcp_method": str(given.get("method")), "mcp_name": None}
        if isinstance(params.get("name"), str) and params["name"].isascii() and params["name"].isprintable():
            said["mcp_name"] = params["name"]
    if dice.random() < 0.2:
        said[dice.choice(HEADERS)] = dice.choice(VALUES)
    return {name: value.encode("ascii", "replace").decode() if value else value for name, value in said.items()}


def test_no_message_is_a_failure_of_ours(person: Callable[..., User]) -> None:
    agent = agent_of(person("engineer"))
    door, dice = Door(token_of(agent)), random.Random(18)
    seen: set[Any] = set()
    for number in range(MESSAGES):
        message: Any = _whole(dice)
        for _ in range(dice.choice([0, 1, 1, 2])):
            message = _broken(message, dice)
        body, headers = _bytes(message, dice), _headers(message, dice)
        response = door.send(body, **headers)
        assert response.status_code in STATUSES, (number, response.status_code, body[:500], headers, response.content)
        if response.status_code not in (202, 413):
            answer = response.json()
            assert answer["jsonrpc"] == "2.0", (number, body[:500])
            assert ("result" in answer) != ("error" in answer)
            seen.add(answer["error"]["code"] if "error" in answer else answer["result"].get("isError"))
        if number % 100 == 99:
            CallCount.objects.update(calls=1)
    assert (EACH if IN_FULL else {-32700, -32600, -32020}) <= seen, seen
    assert CallCount.objects.get().calls < counting.CALLS_A_MINUTE
