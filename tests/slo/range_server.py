"""A small source that speaks Prometheus' query_range and knows a figure for every minute there ever was.

    with range_server() as source:
        source.url, source.port        # what an indicator's server_url and the allowed addresses take
        source.served(3, minute)       # the counts that indicator 3 must hold for this minute
        source.asked.wait()            # until somebody asks again

The query says whose figure is asked for: "bad 3", "total 3".
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from slo.engine.prefix import Counts


@dataclass
class RangeServer:
    port: int = 0
    asked: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def served(number: int, minute: int) -> Counts:
        return Counts(figure("bad", number, minute) * 1000, figure("total", number, minute) * 1000)

    def answer(self, path: str) -> bytes:
        self.asked.set()
        given = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        part, _, number = given["query"].partition(" ")
        instants = range(int(given["start"]), int(given["end"]) + 1, int(given["step"]))
        points = [[instant, str(figure(part, int(number), instant // 60 - 1))] for instant in instants]
        found = {"resultType": "matrix", "result": [{"metric": {}, "values": points}]}
        return json.dumps({"status": "success", "data": found}).encode()


def figure(part: str, number: int, minute: int) -> int:
    """Never the same twice in a row, so that a minute that is counted twice or not at all shows."""
    bad = (minute * 7 + number) % 5
    return bad if part == "bad" else 10 + bad + (minute * 3 + number) % 11


@contextmanager
def range_server() -> Iterator[RangeServer]:
    made = RangeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = made.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                """Who asked was killed meanwhile."""

        def log_message(self, format: str, *args: object) -> None:
            """Questions are no news."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = int(listening.server_address[1])
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        listening.shutdown()
        listening.server_close()
