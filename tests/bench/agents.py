"""What software agents cost: `may_i_deploy` at their door beside the same question over REST, and a desk whose pages
are read while fifty agents ask.

`python -m tests.bench.agents [QUESTIONS]` starts the web server as `make run` does and prints the figures as one JSON
line: milliseconds from the first byte sent to the answer. Both doors are asked in turns over a line each, about the same
services, by one person and by agents of that person. Pages are read alone, while fifty agents ask every five seconds each,
and while fifty ask without a pause; the reader goes on reading until the agents have had their time.
"""

import http.client
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

import django

AGENTS = 50
REVISION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": REVISION, "io.modelcontextprotocol/clientCapabilities": {}}
PAGES = ("/", "/incidents/", "/services/bench-0/", "/changes/")


def run(questions: int = 600) -> dict[str, Any]:
    django.setup()
    from tests.bench import server, world

    _token, manager = world.people()
    slugs = world.services(20)
    of_a_person, of_agents = _tokens()
    cookie = world.cookie_of(manager)
    seconds = max(1.0, questions / 40)
    with server.desk() as desk:
        rest = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
        door = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
        _in_turns(rest, door, of_a_person, of_agents, slugs, 3 * len(PAGES))  # what is prepared once is not measured
        by_rest, by_door = _in_turns(rest, door, of_a_person, of_agents, slugs, questions)
        _read(desk.port, cookie, 0.5)
        alone = _read(desk.port, cookie, seconds)
        with _asking(desk.port, of_agents, slugs, pause=5.0) as paced:
            beside_paced = _read(desk.port, cookie, seconds)
        with _asking(desk.port, of_agents, slugs, pause=0.0) as busy:
            beside_busy = _read(desk.port, cookie, seconds)
    figures = {
        "questions": questions, "agents": AGENTS, **_cuts("rest", by_rest), **_cuts("door", by_door),
        "p95 more at the door, ms (limit 5)": round(1000 * (_p95(by_door) - _p95(by_rest)), 1),
        **_cuts("pages alone", alone), **_cuts("pages, 50 agents every 5 seconds", beside_paced),
        **_cuts("pages, 50 agents without a pause", beside_busy),
    }  # fmt: skip
    for name, told in (("every 5 seconds", paced), ("without a pause", busy)):
        figures |= {f"answers to agents {name}, {status}": times for status, times in sorted(told.items())}
    return figures


def _tokens() -> tuple[str, list[str]]:
    """Of the person, and of so many agents of theirs."""
    from django.utils import timezone

    from itsm.accounts import operations as accounts
    from itsm.accounts import tokens
    from itsm.accounts.models import Token, User
    from itsm.agents.capabilities import Capability
    from itsm.agents.models import Agent
    from tests.bench.world import OPERATOR

    builder = User.objects.get(username="bench-builder")
    made = []
    for number in range(AGENTS):
        account = User(username=f"bench-agent-{number}", account_type=User.AccountType.AGENT, owner=builder)
        account.set_unusable_password()
        account.save()
        Agent.objects.create(account=account, capabilities=[Capability.GATE])
        prefix, secret, secret_hash = tokens.fresh()
        ends = timezone.now() + timedelta(hours=12)
        Token.objects.create(
            owner=account,
            name="bench",
            prefix=prefix,
            secret_hash=secret_hash,
            scopes=[Capability.GATE],
            expires_at=ends,
        )
        made.append(f"hr_{prefix}.{secret}")
    return accounts.issue_token(builder, actor=OPERATOR, name="bench")[1], made


def _in_turns(
    rest: http.client.HTTPConnection,
    door: http.client.HTTPConnection,
    person: str,
    agents: list[str],
    slugs: list[str],
    questions: int,
) -> tuple[list[float], list[float]]:
    by_rest, by_door = [], []
    for number in range(questions):
        slug = slugs[number % len(slugs)]
        turns: list[Callable[[], None]] = [
            lambda slug=slug: by_rest.append(_by_rest(rest, person, slug)),
            lambda slug=slug, token=agents[number % AGENTS]: by_door.append(_by_door(door, token, slug)[0]),
        ]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    return by_rest, by_door


def _by_rest(line: http.client.HTTPConnection, token: str, slug: str) -> float:
    began = time.perf_counter()
    line.request("GET", f"/api/v1/services/{slug}/gate/", headers={"Authorization": f"Bearer {token}"})
    answer = line.getresponse()
    said = answer.read()
    spent = time.perf_counter() - began
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {said[:300]!r}")
    return spent


def _by_door(line: http.client.HTTPConnection, token: str, slug: str) -> tuple[float, int]:
    """How long, and with which status. RuntimeError for anything but an answer and "busy"."""
    params = {"name": "may_i_deploy", "arguments": {"service": slug}, "_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    headers = {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json",
        "MCP-Protocol-Version": REVISION, "Mcp-Method": "tools/call", "Mcp-Name": "may_i_deploy",
    }  # fmt: skip
    began = time.perf_counter()
    line.request("POST", "/mcp", body, headers)
    answer = line.getresponse()
    said = answer.read()
    spent = time.perf_counter() - began
    if answer.status not in (200, 429) or (answer.status == 200 and '"isError":false' not in said.decode()):
        raise RuntimeError(f"{answer.status}: {said[:300]!r}")
    return spent, answer.status


@contextmanager
def _asking(port: int, agents: list[str], slugs: list[str], *, pause: float) -> Iterator[Counter[str]]:
    """All agents ask meanwhile, a line each; one that is told to wait waits for as long as it is told."""
    over, told, failures = threading.Event(), Counter[str](), []

    def ask(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            over.wait(pause * number / AGENTS)
            while not over.is_set():
                spent, status = _by_door(line, agents[number], slugs[number % len(slugs)])
                told[str(status)] += 1
                over.wait(1.0 if status == 429 else max(0.0, pause - spent))
        except BaseException as failure:
            failures.append(failure)
        finally:
            line.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(AGENTS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def _read(port: int, cookie: str, seconds: float) -> list[float]:
    """Pages, one after the other, for so long."""
    from django.conf import settings

    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        for page in PAGES:
            began = time.perf_counter()
            line.request("GET", page, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{page}: {answer.status}")
            taken.append(time.perf_counter() - began)
    line.close()
    return taken


def _p95(taken: list[float]) -> float:
    return quantiles(taken, n=20)[18]


def _cuts(name: str, taken: list[float]) -> dict[str, float]:
    return {f"{name}: p50_ms": round(1000 * median(taken), 1), f"{name}: p95_ms": round(1000 * _p95(taken), 1)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
