"""Clients over HTTP keep-alive: each a thread with one connection, all of them busy until the work is done."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
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


def measured(
    port: int, calls: Iterable[Call], clients: int, headers: Mapping[str, str], told: Told = status_of
) -> dict[str, Any]:
    """Rate, latencies in milliseconds and how often each answer came."""
    waiting, lock = iter(calls), threading.Lock()
    times: list[float] = []
    answers: Counter[str] = Counter()
    failures: list[BaseException] = []

    def client() -> None:
        try:
            for seconds, answer in _session(port, _shared(waiting, lock), headers, told):
                times.append(seconds)
                answers[answer] += 1
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
    return _figures(times, time.perf_counter() - start, answers)


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


def _figures(times: list[float], seconds: float, answers: Mapping[str, int]) -> dict[str, Any]:
    ordered = sorted(times)

    def at(share: float) -> float:
        return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)

    return {
        "requests": len(ordered),
        "per_second": round(len(ordered) / seconds, 1),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "max_ms": round(1000 * ordered[-1], 1),
        "answers": dict(sorted(answers.items())),
    }
