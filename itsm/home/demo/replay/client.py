"""The REST door, for real: a WSGI server on a free port of this machine, and Bearer tokens over a socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

_PATIENCE = 60


class Refused(RuntimeError):
    """The API said no where the replay needs a yes."""


class _Quiet(WSGIRequestHandler):
    # Headers and body leave in two writes; held together they would wait 40 ms for one another.
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Thousands of lines would hide the few that matter."""


class Door:
    """One connection, kept open, used by several principals in turn."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self.requests = 0

    def send(self, token: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The answer's body with its ETag, if any, as `etag`. Refused for anything above 399."""
        self.requests += 1
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(
            method,
            f"/api/v1/{path}",
            None if body is None else json.dumps(body),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **sent},
        )
        answer = self._connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read() or b"{}")
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {said.get('detail', said)}")
        return {**said, "etag": answer.headers.get("ETag", "")}

    def close(self) -> None:
        self._connection.close()


@contextmanager
def open_door() -> Iterator[Door]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, name="replay door", daemon=True).start()
    door = Door(server.server_port)
    try:
        yield door
    finally:
        door.close()
        server.shutdown()
        server.server_close()
