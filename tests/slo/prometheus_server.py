"""A real Prometheus for tests: history from promtool, then live scrapes of a target that the test drives.

    with prometheus(tmp_path, history=[...]) as server:
        server.serve(good=100, bad=5)     # returns once Prometheus has scraped it
        server.url                        # what an indicator's server_url takes

Everything listens on free ports of 127.0.0.1 and is stopped at the end.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

GOOD_QUERY = 'sum(increase(shop_requests_total{code!~"5.."}[1m]))'
TOTAL_QUERY = "sum(increase(shop_requests_total[1m]))"
PATIENCE_SECONDS = 600.0  # how long nothing may happen on a busy machine
_CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: shop
  static_configs: [{{targets: ["{target}"], labels: {{instance: shop}}}}]
"""
_SERIES = 'shop_requests_total{{code="{code}",instance="shop",job="shop"}}'


@dataclass
class Traffic:
    """So many good and bad requests, spread evenly over the minute that begins at `minute`."""

    minute: datetime
    good: int
    bad: int


@dataclass
class Target:
    """The scraped program: two counters that only grow."""

    counts: dict[str, int] = field(default_factory=lambda: {"200": 0, "500": 0})

    def page(self) -> bytes:
        lines = [f'shop_requests_total{{code="{code}"}} {count}' for code, count in self.counts.items()]
        return "\n".join(["# TYPE shop_requests_total counter", *lines, ""]).encode()


@dataclass
class Server:
    """A running Prometheus and the target that it scrapes each second."""

    url: str
    port: int
    target: Target

    def serve(self, *, good: int = 0, bad: int = 0) -> None:
        """Let the target count these requests in the running minute; returns once Prometheus knows.

        A jump at the edge of a minute would fall between two windows, so edges are waited out (12 s at most).
        """
        while not 4 < time.time() % 60 < 52:
            time.sleep(0.2)
        self.target.counts["200"] += good
        self.target.counts["500"] += bad
        for code, count in self.target.counts.items():
            self.wait_for(f'shop_requests_total{{code="{code}",job="shop"}}', count)

    def wait_for(self, query: str, value: int) -> None:
        """Until an instant query answers this one value. TimeoutError after ten minutes."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if self._answer(query) == value:
                return
            time.sleep(0.1)
        raise TimeoutError(f"Prometheus never said that {query} is {value}.")

    def _answer(self, query: str) -> float | None:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?query={quote(query)}", timeout=60) as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:
            return None
        return float(result[0]["value"][1]) if result else None


def needed() -> None:
    """Skip where Prometheus is not installed; in CI that is a failure."""
    if shutil.which("prometheus") and shutil.which("promtool"):
        return
    complaint = "prometheus and promtool are not installed (Debian: apt-get install prometheus)"
    if os.environ.get("CI"):
        pytest.fail(complaint)
    pytest.skip(complaint)


@contextmanager
def prometheus(
    folder: Path, history: Iterable[Traffic] = (), points: Mapping[str, Sequence[tuple[int, float]]] = {}
) -> Iterator[Server]:
    """Start both, with this history already in the store; stop both at the end.

    `points`: series as Prometheus writes them -> (second since 1970, value), beside the history.
    """
    needed()
    target = Target()
    store = folder / "store"
    _backfill(folder, store, target, list(history), points)
    with _listening(target) as target_port, _running(folder, store, target_port) as port:
        server = Server(f"http://127.0.0.1:{port}", port, target)
        server.wait_for('count_over_time(up{job="shop"}[1m]) >= bool 3', 1)
        yield server


def _backfill(
    folder: Path, store: Path, target: Target, history: list[Traffic],
    points: Mapping[str, Sequence[tuple[int, float]]],
) -> None:  # fmt: skip
    """OpenMetrics wants each series whole and in order; two points a minute are enough for increase(...[1m])."""
    store.mkdir(parents=True, exist_ok=True)
    if not history and not points:
        return
    lines = ["# TYPE shop_requests counter"] if history else []
    for code, share in (("200", "good"), ("500", "bad")):
        for traffic in history:
            start, count = int(traffic.minute.timestamp()), getattr(traffic, share)
            for second, part in ((15, count // 2), (45, count - count // 2)):
                target.counts[code] += part
                lines.append(f"{_SERIES.format(code=code)} {target.counts[code]} {start + second}")
    lines += [f"{name} {value} {second}" for name, some in points.items() for second, value in some]
    source = folder / "history.txt"
    source.write_text("\n".join([*lines, "# EOF", ""]), encoding="ascii")
    counted_periods = "--max-block-duration=720h"  # a block per two hours would take ten times as long
    _check("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", counted_periods, str(source), str(store))


def _check(*command: str) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    if finished.returncode:
        raise RuntimeError(f"{command[0]} failed: {finished.stderr[-500:]}")


@contextmanager
def _listening(target: Target) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = target.page()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are no news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _running(folder: Path, store: Path, target_port: int) -> Iterator[int]:
    config, port = folder / "prometheus.yml", _free_port()
    config.write_text(_CONFIG.format(target=f"127.0.0.1:{target_port}"), encoding="ascii")
    log = (folder / "prometheus.log").open("wb")
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={store}",
            "--storage.tsdb.retention.time=120d",
            "--enable-feature=native-histograms",
            "--web.enable-remote-write-receiver",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=log,
        stderr=log,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
