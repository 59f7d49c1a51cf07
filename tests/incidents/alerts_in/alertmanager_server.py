"""A real Alertmanager for tests, and a receiver that keeps what its webhook sends.

    with alertmanager(tmp_path) as server:
        server.fire({"alertname": "Slow", "service": "checkout"})
        server.bodies.get()           # as it came

Everything listens on free ports of 127.0.0.1 and is stopped at the end.
"""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.slo.prometheus_server import PATIENCE_SECONDS, _free_port

_CONFIG = """
route: {{receiver: headroom, group_by: [{group_by}], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
- name: headroom
  webhook_configs: [{{url: "http://127.0.0.1:{port}/", send_resolved: true, max_alerts: {most}}}]
"""


@dataclass
class Server:
    """A running Alertmanager; `bodies`: what its webhook sent, in order."""

    url: str
    port: int
    bodies: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)

    def fire(self, labels: dict[str, str], *, start: datetime | None = None, end: datetime | None = None) -> None:
        """As Prometheus says it; with an end that is over it is resolved."""
        one: dict[str, Any] = {"labels": labels, "annotations": {"summary": labels.get("alertname", "")}}
        one["startsAt"] = (start or datetime.now(UTC)).isoformat()
        one["endsAt"] = (end or datetime.now(UTC) + timedelta(minutes=30)).isoformat()
        self.ask("POST", "/api/v2/alerts", [one])

    def body(self) -> dict[str, Any]:
        """The next that is sent."""
        return self.bodies.get(timeout=PATIENCE_SECONDS)

    def silences(self) -> list[Any]:
        """Those that hold."""
        found: list[Any] = self.ask("GET", "/api/v2/silences")
        return [one for one in found if one["status"]["state"] == "active"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = answer.read()
        return json.loads(said) if said else None


def needed() -> None:
    """Skip where Alertmanager is not installed; in CI that is a failure."""
    if shutil.which("prometheus-alertmanager"):
        return
    complaint = "prometheus-alertmanager is not installed (Debian: apt-get install prometheus-alertmanager)"
    if os.environ.get("CI"):
        pytest.fail(complaint)
    pytest.skip(complaint)


@contextmanager
def alertmanager(folder: Path, *, most: int = 0, group_by: str = "alertname") -> Iterator[Server]:
    """Start it, with a webhook to us; `most`: its max_alerts, 0 for all. Stopped at the end."""
    needed()
    port = _free_port()
    server = Server(f"http://127.0.0.1:{port}", port)
    with _receiving(server) as ours:
        config = folder / "alertmanager.yml"
        config.write_text(_CONFIG.format(port=ours, most=most, group_by=group_by), encoding="ascii")
        log = (folder / "alertmanager.log").open("wb")
        process = subprocess.Popen(
            [
                "prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)
            log.close()


def _wait(server: Server) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            server.ask("GET", "/api/v2/status")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("Alertmanager never answered.")


@contextmanager
def _receiving(server: Server) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.bodies.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is news."""

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        yield receiver.server_address[1]
    finally:
        receiver.shutdown()
        receiver.server_close()
