"""Clients over HTTP keep-alive: each a thread with one connection, all of them busy until the work is done."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `body` is sent as it stands."""

    method: str
    path: str
    body: bytes | None = None


Told = Callable[[http.client.HTTPResponse, bytes], str]


def status_of(answer: http.client.HTTPResponse, body: bytes) -> str:
    return str(answer.status)


@dataclass
class Answers:
    """What came back: seconds of each, how often each answer, and how long it took altogether."""

    times: list[float] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: "Answers") -> None:
        self.times += other.times
        self.told += other.told
        self.seconds += other.seconds

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def figures(self) -> dict[str, Any]:
        """Rate, latencies in milliseconds and how often each answer came."""
        ordered = sorted(self.times)

        def at(share: float) -> float:
            return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)

        return {
            "requests": len(ordered),
            "per_second": round(self.per_second, 1),
            "p50_ms": at(0.5),
            "p95_ms": at(0.95),
            "max_ms": round(1000 * ordered[-1], 1),
            "answers": dict(sorted(self.told.items())),
        }


def measured(
    port: int, calls: Iterable[Call], clients: int, headers: Mapping[str, str], told: Told = status_of
) -> Answers:
    waiting, lock, found = iter(calls), threading.Lock(), Answers()
    failures: list[BaseException] = []

    def client() -> None:
        try:
            for seconds, answer in _session(port, _shared(waiting, lock), headers, told):
                found.times.append(seconds)
                with lock:
                    found.told[answer] += 1
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    found.seconds = time.perf_counter() - start
    return found


def _shared(calls: Iterator[Call], lock: threading.Lock) -> Iterator[Call]:
    while True:
        with lock:
            call = next(calls, None)
        if call is None:
            return
        yield call


def _session(port: int, calls: Iterator[Call], headers: Mapping[str, str], told: Told) -> Iterator[tuple[float, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for call in calls:
            start = time.perf_counter()
            connection.request(call.method, call.path, call.body, dict(headers))
            answer = connection.getresponse()
            body = answer.read()
            yield time.perf_counter() - start, told(answer, body)
    finally:
        connection.close()
