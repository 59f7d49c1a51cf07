"""`headroom mcp` beside a door that is away, scripted or odd: each request gets an answer, and nothing else is said."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from changes.pipelines import queries
from itsm.run import ports
from tests.itsm.scripted_server import Asked, Reply, scripted

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def spoken(place: Path, address: str, *lines: Any, token: str = "hr_x") -> tuple[int, list[Any], str]:
    """Exit code, the answers by line, and what was told to people."""
    (place / "headroom").write_bytes(queries.command())
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines)
    surroundings = {"HEADROOM_URL": address} | ({"HEADROOM_TOKEN": token} if token else {})
    command = [sys.executable, "-I", str(place / "headroom"), "mcp"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=surroundings, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_it_asks_for_a_token_and_an_address(tmp_path: Path) -> None:
    code, answers, said = spoken(tmp_path, "http://desk.example", token="")
    assert (code, answers) == (2, [])
    assert "HEADROOM_TOKEN" in said
    assert spoken(tmp_path, "nowhere")[0] == 2


def test_every_request_is_answered_where_the_door_is_away(tmp_path: Path) -> None:
    ping = {"jsonrpc": "2.0", "id": 7, "method": "ping"}
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    deep = "[" * 100_000
    address = f"http://127.0.0.1:{ports.free()}"
    code, answers, _said = spoken(tmp_path, address, "", "{", deep, notification, {**ping, "id": "\ud800"}, ping)
    assert code == 0
    assert sorted((one["error"]["code"], str(one["id"])) for one in answers) == [
        (-32700, "None"), (-32700, "None"), (-32000, "7"), (-32000, "\ud800"),
    ]  # fmt: skip
    assert any("cannot be reached" in one["error"]["message"] for one in answers)


def test_it_says_in_headers_what_the_door_wants_there(tmp_path: Path) -> None:
    def answer(one: Asked) -> Reply:
        body = json.loads(one.body)
        if body["method"] == "odd":
            return Reply(502, b"<html>", {"Content-Type": "text/html"})
        result = {"protocolVersion": "2025-06-18"} if body["method"] == "initialize" else {}
        return Reply(200, json.dumps({"jsonrpc": "2.0", "id": body["id"], "result": result}).encode(), {})

    with scripted() as server:
        server.answer = answer
        call = {"name": "größer", "_meta": MODERN}
        code, answers, _said = spoken(
            tmp_path,
            server.url,
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}},
            {"jsonrpc": "2.0", "id": 2, "method": "ping"},
            {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": call},
            {"jsonrpc": "2.0", "id": 4, "method": "odd"},
        )
    assert code == 0
    assert {one["id"] for one in answers} == {1, 2, 3, 4}
    assert next(one for one in answers if one["id"] == 4)["error"]["message"] == "HTTP 502"
    said = {
        json.loads(one.body)["id"]: {name.lower(): value for name, value in one.headers.items()} for one in server.asked
    }
    assert all(one["authorization"] == "Bearer hr_x" for one in said.values())
    assert "mcp-protocol-version" not in said[1]
    assert said[2]["mcp-protocol-version"] == "2025-06-18"
    assert (said[3]["mcp-protocol-version"], said[3]["mcp-method"]) == ("2026-07-28", "tools/call")
    assert said[3]["mcp-name"] == "=?base64?Z3LDtsOfZXI=?="


def test_a_door_that_is_busy_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(one: Asked) -> Reply:
        method = json.loads(one.body)["method"]
        asked.append(method)
        if method == "later" or asked.count(method) == 1:
            refused = {"jsonrpc": "2.0", "id": None, "error": {"code": -32012, "message": "Ask again."}}
            return Reply(429, json.dumps(refused).encode(), {"Retry-After": "60" if method == "later" else "1"})
        return Reply(200, json.dumps({"jsonrpc": "2.0", "id": json.loads(one.body)["id"], "result": {}}).encode(), {})

    with scripted() as server:
        server.answer = answer
        soon, later = ({"jsonrpc": "2.0", "id": n, "method": m} for n, m in enumerate(("soon", "later")))
        _code, answers, _said = spoken(tmp_path, server.url, soon, later)
    assert sorted(asked) == ["later", "soon", "soon"]
    assert {one["id"]: "result" in one for one in answers} == {0: True, 1: False}
