"""Lists, records and the desk: how long they take, and how many queries they need however many rows there are.

Of two checkouts each page is asked in turns, so that both had the same machine; where others work on it meanwhile, the
seconds of CPU of a request say more than how long it took.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import gate
from tests.bench.load import Answers, Call, measured
from tests.bench.stand import Stand

CLIENTS = (1, 4)


def paths(change: str, incident: str, service: str) -> dict[str, str]:
    return {
        "desk": "/",
        "changes, page": "/changes/",
        "changes, page, open ones": "/changes/?state=open",
        "changes, page, words": "/changes/?text=release",
        "change, page": f"/changes/{change}/",
        "incidents, page": "/incidents/",
        "services, page": "/services/",
        "service, page": f"/services/{service}/",
        "changes, API": "/api/v1/changes/?page_size=50",
        "change, API": f"/api/v1/changes/{change}/",
        "incidents, API": "/api/v1/incidents/?page_size=50",
        "incident, API": f"/api/v1/incidents/{incident}/",
        "services, API": "/api/v1/services/?page_size=50",
        "probe, API": f"/api/v1/services/{service}/gate/",
    }


def pages(port: int, cookie: str, found: dict[str, str], requests: int = 120) -> dict[str, Any]:
    """Figures of each path by number of clients."""
    headers = {"Cookie": f"sessionid={cookie}"}

    def read(path: str, clients: int, times: int) -> dict[str, Any]:
        return measured(port, [Call("GET", path)] * times, clients, headers).figures()

    for path in found.values():
        read(path, 4, min(12, requests))
    return {name: {clients: read(path, clients, requests) for clients in CLIENTS} for name, path in found.items()}


def beside(
    stands: Sequence[Stand], services: int, changes: int, incidents: int, requests: int, rounds: int
) -> list[dict[str, Any]]:
    """A row of figures by page, number of clients and stand. `requests`: of each page, over all rounds."""
    worlds = [_world(stand, services, changes, incidents) for stand in stands]
    for port, headers, looked in worlds:
        for path in looked.values():
            measured(port, [Call("GET", path)] * 8, 4, headers)
    found = []
    for name in worlds[0][2]:
        for clients in CLIENTS:
            answers, spent = [Answers() for _ in stands], [Counter[str]() for _ in stands]
            for _ in range(rounds):
                for place, (stand, (port, headers, looked)) in enumerate(zip(stands, worlds, strict=True)):
                    before = Counter(stand.cpu())
                    answers[place].add(
                        measured(port, [Call("GET", looked[name])] * (requests // rounds), clients, headers)
                    )
                    spent[place] += Counter(stand.cpu()) - before
            found += [
                {"page": name, "clients": clients, "stand": stand.name}
                | answer.figures()
                | {"cpu_ms_each": {who: round(1000 * one / len(answer.times), 1) for who, one in sorted(cpu.items())}}
                for stand, answer, cpu in zip(stands, answers, spent, strict=True)
            ]
    return found


def _world(stand: Stand, services: int, changes: int, incidents: int) -> tuple[int, dict[str, str], dict[str, str]]:
    """Its port, a manager's headers and the paths, over as many rows as were asked for."""
    world = stand.ask("found", count=services)
    change = gate.one(stand.port, world["token"], world["services"][0])
    stand.ask("changes", count=changes)
    incident = stand.run(f"from tests.bench import world\nworld.incidents({incidents})\nprint(world.an_incident())")
    return stand.port, {"Cookie": f"sessionid={world['cookie']}"}, paths(change, incident, world["services"][1])


def queries(cookie: str, found: dict[str, str]) -> dict[str, int]:
    """Queries of each path, in this process."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["sessionid"] = cookie
    return {name: _queries(client, path) for name, path in found.items()}


def _queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
