"""Gate evaluations per second: over many services, and over a single one whose budget everybody wants."""

import http.client
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.bench import world
from tests.bench.load import Call, measured
from tests.bench.server import Desk

CLIENTS = (1, 8, 32)
_runs = count(1)


def evaluations(desk: Desk, token: str, services: list[str], each: int) -> dict[str, Any]:
    """Figures by situation and number of clients. `each`: seconds' worth of requests, roughly."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def asked(targets: list[str], clients: int, requests: int) -> dict[str, Any]:
        world.healthy()
        before = desk.cpu()
        figures = measured(desk.port, _questions(targets, requests), clients, headers, outcome_of)
        spent = {name: round(1000 * (now - before[name]) / requests, 1) for name, now in desk.cpu().items()}
        return figures | {"cpu_ms_each": spent}

    asked(services, 8, 100)  # what is prepared once per process is not what is measured
    return {
        "distinct services": {
            clients: asked(services, clients, each * (25 if clients == 1 else 60)) for clients in CLIENTS
        },
        "one hot service": {clients: asked(services[:1], clients, each * 30) for clients in CLIENTS},
    }


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
