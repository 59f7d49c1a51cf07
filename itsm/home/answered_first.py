"""Probes are asked every few seconds by everything that balances load: they are answered before Django is.

`/livez` is alive if it can say so. `/readyz` is asked of the desk once a second; in between the same bytes are given
(0.01 ms of CPU instead of 0.9).
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

KEPT_SECONDS = 1.0
_ALIVE = (b'{"status": "alive"}', [("Content-Type", "application/json"), ("Content-Length", "19")])

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def answers_first(desk: Application) -> Application:
    """`desk`, asked for a probe only where what it said is older than a second. Any other request goes on to it."""
    kept: dict[str, tuple[float, str, list[tuple[str, str]], bytes]] = {}

    def answer(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path not in ("/livez", "/livez/", "/readyz", "/readyz/") or environ.get("REQUEST_METHOD") != "GET":
            return desk(environ, start_response)
        if path.startswith("/livez"):
            start_response("200 OK", list(_ALIVE[1]))
            return [_ALIVE[0]]
        now = time.monotonic()
        known = kept.get("readyz")
        if known is None or now - known[0] > KEPT_SECONDS:
            known = kept["readyz"] = (now, *_asked(desk, environ))
        start_response(known[1], list(known[2]))
        return [known[3]]

    return answer


def _asked(desk: Application, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        said[:] = [status, headers]

    parts = desk(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return said[0], said[1], body
