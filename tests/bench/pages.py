"""Lists, records and the desk: how long they take, and how many queries they need however many rows there are."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.load import Call, measured

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
