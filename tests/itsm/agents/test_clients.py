"""The agents' door as others' client libraries know it: the official one of Python, over HTTP and over `headroom mcp`,
and the one of TypeScript; each in the newest revision and by the handshake before it, on a real web server."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from itsm.agents import tools
from itsm.agents.models import Agent
from itsm.audit.models import Entry
from itsm.run import assets
from itsm.run.places import ROOT
from tests.api.fuzzed_server import serving
from tests.api.world import founded
from tests.architecture.test_agents_matrix import MATRIX
from tests.itsm.agents.door import token_of
from tests.itsm.agents.founding import agent_of
from tests.slo.proving import TURN, by_turns

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
TYPESCRIPT = assets.CLIENTS / "node_modules" / "@modelcontextprotocol" / "client"
SCRIPT = ROOT / "tests" / "clients" / "agent.mjs"
COMMAND = ROOT / "changes" / "pipelines" / "adapters" / "headroom.py"
CALLS: list[tuple[str, dict[str, Any]]] = []  # each tool once, of the company that stands
_SAMPLED = by_turns({"python", "typescript"}, TURN)
REVISIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[str, str, str, Agent]]:
    """The address, a token of an agent, a service to ask about, and the agent."""
    world = founded()
    CALLS[:] = [(tool.name, MATRIX[tool.name][1](world)) for tool in sorted(tools.every(), key=lambda one: one.writes)]
    agent = agent_of(world.people["author"])
    token, slug = token_of(agent), world.service.slug
    with serving(tmp_path) as address:
        yield address, token, slug, agent


async def _toured(connection: Any, mode: str, service: str, in_full: bool = False) -> dict[str, Any]:
    async with Client(connection, mode=mode) as client:
        tools = (await client.list_tools()).tools
        found = await client.call_tool("may_i_deploy", {"service": service})
        wrong = await client.call_tool("may_i_deploy", {"service": service, "more": "x"})
        everything = {name: await client.call_tool(name, given) for name, given in (CALLS if in_full else [])}
        try:
            await client.call_tool("approve", {})
        except MCPError as error:
            unknown = error.error.code
        return {
            "revision": client.protocol_version,
            "tools": [tool.name for tool in tools],
            "answer": found.structured_content,
            "isError": [found.is_error, wrong.is_error],
            "unknown": str(unknown),
            "all": {name: [one.is_error, one.structured_content] for name, one in everything.items()},
        }


async def _over_http(address: str, token: str, mode: str, service: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http:
        door = streamable_http_client(f"{address}/mcp", http_client=http)
        return await _toured(door, mode, service, in_full=mode == "auto")


async def _over_stdio(address: str, token: str, mode: str, service: str) -> dict[str, Any]:
    surroundings = {"HEADROOM_URL": address, "HEADROOM_TOKEN": token}
    started = StdioServerParameters(command=sys.executable, args=[str(COMMAND), "mcp"], env=surroundings)
    return await _toured(stdio_client(started), mode, service)


async def _all(address: str, token: str, service: str) -> list[dict[str, Any]]:
    return [await way(address, token, mode, service) for way in (_over_http, _over_stdio) for mode in REVISIONS]


def _in_typescript(place: Path, address: str, token: str, service: str) -> list[dict[str, Any]]:
    (place / "node_modules").symlink_to(assets.CLIENTS / "node_modules")
    shutil.copy(SCRIPT, place)
    command = [*assets.node(), SCRIPT.name, address, token, service, json.dumps(CALLS)]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _as_told(toured: list[dict[str, Any]], entry_count: int, agent: Agent) -> None:
    everything = toured[0]["all"]
    assert {*everything} == {*toured[0]["tools"]} == {name for name, _given in CALLS}
    for name, (is_error, answer) in everything.items():
        assert is_error or isinstance(answer["next"], list), name
    assert sum(not is_error for is_error, _answer in everything.values()) > len(everything) - 6
    for one, revision in zip(toured, [*REVISIONS.values()] * 2, strict=False):
        assert one["revision"] == revision
        assert {"may_i_deploy", "search"} <= set(one["tools"])
        assert isinstance(one["answer"]["allowed"], bool)
        assert one["answer"]["next"]
        assert one["isError"] == [False, True]
        assert one["unknown"] == "-32602"
    noted = Entry.objects.filter(event="agent.called", actor_id=agent.account_id)
    entry_count += len(CALLS)
    assert noted.count() == entry_count


@pytest.mark.skipif("python" not in _SAMPLED, reason="not of this sample: make prove")
def test_the_python_client_speaks_with_the_door_over_http_and_over_stdio(desk: tuple[str, str, str, Agent]) -> None:
    address, token, service, agent = desk
    with ThreadPoolExecutor(1) as beside:  # a browser of a test of before may have a loop in this thread
        toured = beside.submit(lambda: asyncio.run(_all(address, token, service))).result()
    assert len(toured) == 4
    _as_told(toured, 12, agent)


@pytest.mark.skipif("typescript" not in _SAMPLED, reason="not of this sample: make prove")
@pytest.mark.skipif(not TYPESCRIPT.is_dir(), reason="`make develop` brings the TypeScript client")
def test_the_typescript_client_speaks_with_the_door(desk: tuple[str, str, str, Agent], tmp_path: Path) -> None:
    address, token, service, agent = desk
    toured = _in_typescript(tmp_path, address, token, service)
    assert len(toured) == 2
    _as_told(toured, 6, agent)
