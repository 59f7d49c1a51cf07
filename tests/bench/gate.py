"""Gate evaluations per second: over many services, and over a single one whose budget everybody wants.

Every stand is measured in turns with the yardstick (`tests.bench.yardstick`), round by round; shares are medians of
the rounds, because both sides of a round had the same machine. Where others work on the machine meanwhile, the share by
CPU time of web server and database says more: what the yardstick took, by what the gate took.
"""

import http.client
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any

from tests.bench.load import Answers, Call, measured, status_of
from tests.bench.stand import Stand

CLIENTS = (1, 8, 32)
ROUNDS = 5
_runs = count(1)


@dataclass
class Tally:
    """One stand's part of one situation, summed over the rounds."""

    gate: Answers = field(default_factory=Answers)
    yardstick: Answers = field(default_factory=Answers)
    shares: list[float] = field(default_factory=list)
    gate_cpu: Counter[str] = field(default_factory=Counter)
    yardstick_cpu: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        requests = len(self.gate.times)
        cpu = [
            {name: round(1000 * spent / requests, 1) for name, spent in sorted(one.items())}
            for one in (self.gate_cpu, self.yardstick_cpu)
        ]
        return {
            **self.gate.figures(),
            "cpu_ms_each": cpu[0],
            "yardstick": self.yardstick.figures() | {"cpu_ms_each": cpu[1]},
            "share_of_yardstick": round(median(self.shares), 2),
            "share_by_cpu": round(self.yardstick_cpu.total() / (self.gate_cpu.total() or 1), 2),
        }


def evaluations(
    stands: Sequence[Stand],
    services: int,
    requests: int,
    *,
    clients: Sequence[int] = CLIENTS,
    rounds: int = ROUNDS,
    past: int = 0,
) -> list[dict[str, Any]]:
    """A row of figures by situation, number of clients and stand. `requests`: of each round; `past`: changes before."""
    worlds = [stand.ask("found", count=services) for stand in stands]
    for stand in stands if past else ():
        stand.ask("changes", count=past)
    for stand, world in zip(stands, worlds, strict=True):  # what is prepared once per process is not what is measured
        _round(stand, world["token"], world["services"], 8, min(requests, 100), Tally())
    found = []
    for situation, width in (("distinct services", services), ("one hot service", 1)):
        for several in clients:
            tallies = [Tally() for _ in stands]
            for _ in range(rounds):
                for stand, world, tally in zip(stands, worlds, tallies, strict=True):
                    _round(stand, world["token"], world["services"][:width], several, requests, tally)
            found += [
                {"situation": situation, "past": past, "clients": several, "stand": stand.name, "fsync": stand.durable}
                | tally.figures()
                for stand, tally in zip(stands, tallies, strict=True)
            ]
    return found


def _round(stand: Stand, token: str, targets: list[str], clients: int, requests: int, tally: Tally) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    stand.ask("healthy")
    start = Counter(stand.cpu())
    yardstick = measured(stand.port, _rows(requests), clients, headers, status_of)
    between = Counter(stand.cpu())
    asked = measured(stand.port, _questions(targets, requests), clients, headers, outcome_of)
    end = Counter(stand.cpu())
    tally.yardstick_cpu += between - start
    tally.gate_cpu += end - between
    tally.gate.add(asked)
    tally.yardstick.add(yardstick)
    tally.shares.append(asked.per_second / yardstick.per_second)


def one(port: int, token: str, service: str) -> str:
    """The number of a change that the gate has just decided about."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/gate-evaluations/", json.dumps(_body(service)), headers)
    said = json.load(connection.getresponse())
    if "change" not in said:
        raise RuntimeError(f"The gate refused: {said}")
    return str(said["change"]["number"])


def outcome_of(answer: http.client.HTTPResponse, body: bytes) -> str:
    said = json.loads(body)
    return f"{answer.status} {said.get('outcome', said.get('type', ''))}"


def _questions(services: list[str], requests: int) -> Iterator[Call]:
    for number in range(requests):
        yield Call("POST", "/api/v1/gate-evaluations/", json.dumps(_body(services[number % len(services)])).encode())


def _rows(requests: int) -> list[Call]:
    body = json.dumps({"summary": "Deploy release 1", "plan": "Roll out with the deployment pipeline."}).encode()
    return [Call("POST", "/yardstick/", body)] * requests


def _body(service: str) -> dict[str, Any]:
    run = next(_runs)
    return {
        "service": service,
        "environment": "production",
        "change_class": "standard",
        "purpose": "feature",
        "summary": f"Deploy release {run}",
        "plan": "Roll out with the deployment pipeline.",
        "backout": "Roll back to the release before.",
        "artifact": {"digest": f"sha256:{run:064x}", "version": f"1.{run}"},
        "commit": f"{run:040x}",
        "pipeline": {
            "provider": "ci", "repository": service, "workflow": "deploy", "run_id": str(run), "attempt": 1,
            "job": "deploy", "url": "https://ci.example/runs/1",
        },
        "proof": {"peer_review": True, "tests_passed": 210, "tests_failed": 0},
    }  # fmt: skip
