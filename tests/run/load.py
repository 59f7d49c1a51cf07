"""People and programs at work on a desk: reads and writes, each over a connection of its own, and what came of each."""

import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from itsm.run import ports

TRIES = 20


@dataclass
class Load:
    """What was asked. A request that failed is asked again, under its key, as any balancer or client does."""

    port: int
    token: str
    took: list[tuple[float, float]] = field(default_factory=list)  # when it began, and seconds until it was answered
    failed: list[str] = field(default_factory=list)  # at the first or a later try: what, and why
    lost: list[str] = field(default_factory=list)  # however often they were asked
    made: list[str] = field(default_factory=list)  # titles that were answered with 201

    def longest(self, since: float, until: float) -> str:
        """The longest waits of requests that began meanwhile, and how many seconds after its beginning."""
        among = sorted(((took, began) for began, took in self.took if since <= began < until), reverse=True)[:5]
        return ", ".join(f"{took:.2f} s (after {began - since:.0f} s)" for took, began in among)

    def told(self) -> str:
        return (
            f"{len(self.took)} answered ({len(self.made)} of them writes), {len(self.failed)} tries failed,"
            f" {len(self.lost)} requests never answered"
        )

    def ask(self, path: str, body: dict[str, str] | None = None, key: str = "") -> int:
        """The status of the answer; 0 where nobody answered."""
        began = time.monotonic()
        for _ in range(TRIES):
            headers = {"Connection": "close"}
            if path.startswith("/api/"):
                headers["Authorization"] = f"Bearer {self.token}"
            data = None
            if body is not None:
                headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
                data = json.dumps(body).encode()
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(f"http://{ports.HOST}:{self.port}{path}", data, headers), timeout=30
                ) as answer:
                    answer.read()
                    self.took.append((began, time.monotonic() - began))
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                self.failed.append(f"{path}: {refused.code} {refused.read()[:200]!r}")
            except OSError as error:
                self.failed.append(f"{path}: {error!r}")
            time.sleep(0.1)
        self.lost.append(path)
        return 0


@contextmanager
def at_work(load: Load) -> Iterator[Load]:
    """Two who open pages and one who lists and opens incidents, without a pause, for as long as the block lasts."""
    enough = threading.Event()

    def reads() -> None:
        while not enough.wait(0.02):
            load.ask("/sign-in/")

    def writes() -> None:
        for turn in itertools.count():
            if enough.wait(0.02):
                break
            load.ask("/api/v1/incidents/")
            title = f"Load {turn}"
            if load.ask("/api/v1/incidents/", {"title": title}, f"load-{turn}") == 201:
                load.made.append(title)

    threads = [threading.Thread(target=work) for work in (reads, reads, writes)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)
