"""A night at the desk: alerts come in at the door while people answer, and somebody is paged for each alert.

    python -m tests.bench.night [SECONDS [REPLIES A SECOND [ALERTS A SECOND]]]

Web server, worker and both keepers of lanes as `make run` starts them. From sending an alert to its first attempt at a
gateway of the bench, from sending a reply to the arrival of its push, and the CPU of each program, the clients' too.
"""

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from tests.bench import notifications, paging
from tests.bench.server import cpu_seconds

_CLIENTS = 8
_PATIENCE = 60.0


def run(seconds: int = 30, replies: int = 50, alerts: int = 4) -> dict[str, Any]:
    """Seconds from alert to attempt and from reply to push; milliseconds of CPU a second of each program."""
    pushes = notifications._PushService()
    threading.Thread(target=pushes.serve_forever, daemon=True).start()
    gateway = paging.Gateway()
    allowed = [f"127.0.0.1:{pushes.server_port}", gateway.url.removeprefix("http://")]
    os.environ["HEADROOM_OUTGOING_ALLOW"], os.environ["HEADROOM_WEB_PUSH_KEY"] = " ".join(allowed), "bench"
    django.setup()
    from itsm.run import environment, programs
    from tests.bench import server

    token, references = notifications._world(pushes.server_port)
    services = [one.slug for one in paging._company(gateway.url)]
    monitoring = monitor("bench-night")
    ours = {name: value for name, value in os.environ.items() if environment.is_ours(name)}
    with server.desk() as desk, tempfile.TemporaryDirectory() as scratch:
        kept = [
            programs.lanes("outward", programs.OUTWARD, Path(scratch), ours),
            programs.lanes("paging", ["paging"], Path(scratch), ours),
        ]
        for child in kept:
            child.start()
        spent = {name: memory.process for name, memory in desk.memory.items()} | {
            child.name: child.process.pid for child in kept if child.process
        }
        try:
            notifications._warm_up(desk.port, token, references, pushes)
            _alert(door(desk.port), monitoring, services[0], "warm-up")
            _wait_until(lambda: bool(gateway.came))
            before = {name: cpu_seconds(process) for name, process in spent.items()}
            mine, began = time.process_time(), time.monotonic()
            with ThreadPoolExecutor(2) as both:
                alerting = both.submit(_alerts, desk.port, monitoring, services, seconds, alerts)
                sent, answers = notifications._replies(desk.port, token, references, seconds, replies)
                fired = alerting.result()
            took = time.monotonic() - began
            notifications._wait_for(pushes, sum(map(len, sent.values())))
            _wait_until(lambda: len(_late(fired, gateway)) == len(fired))
            used = {name: cpu_seconds(process) - before[name] for name, process in spent.items()}
        finally:
            for child in kept:
                child.stop()
    pushed = sorted(
        there - here for number, at in sent.items() for here, there in zip(at, pushes.arrived[number], strict=False)
    )
    paged, begun = _late(fired, gateway), [one for at in sent.values() for one in at]
    return {
        "replies_a_second": replies, "reached": round(len(begun) / max(max(begun) - min(begun), 1.0), 1),
        "answer_p95_s": _share(sorted(answers), 0.95), "pushed": len(pushed), "push_p95_s": _share(pushed, 0.95),
        "alerts": len(fired), "paged": len(paged), "took_s": round(took, 1),
        "page_p50_s": _share(paged, 0.5), "page_p95_s": _share(paged, 0.95), "page_worst_s": _share(paged, 1),
        "cpu_ms_a_second": {name: round(1000 * one / took) for name, one in used.items()}
        | {"clients": round(1000 * (time.process_time() - mine) / took)},
    }  # fmt: skip


def monitor(name: str) -> str:
    """The token of a program that brings alerts."""
    from itsm.accounts import operations as accounts
    from tests.bench import world

    owner = accounts.add_user(actor=world.OPERATOR, username=f"{name}-owner", roles=["engineer"])
    program = accounts.add_user(
        actor=world.OPERATOR, username=name, roles=["agent"], account_type="service", owner=owner
    )
    return accounts.issue_token(program, actor=world.OPERATOR, name="bench", allowed=["alerts:write"])[1]


def door(port: int) -> http.client.HTTPConnection:
    """A connection that stays."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _alert(line: http.client.HTTPConnection, token: str, service: str, name: str) -> None:
    one = {
        "status": "firing", "startsAt": datetime.now(UTC).isoformat(), "endsAt": "0001-01-01T00:00:00Z",
        "labels": {"alertname": name, "service": service, "environment": "production", "severity": "critical"},
        "annotations": {"summary": name},
    }  # fmt: skip
    post(line, token, json.dumps({"version": "4", "alerts": [one]}).encode())


def post(line: http.client.HTTPConnection, token: str, body: bytes) -> None:
    """Bring a body of alerts to the door. AssertionError where it is not taken."""
    said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    line.request("POST", "/api/v1/integrations/alertmanager/", body, said)
    answer = line.getresponse()
    content = answer.read()
    assert answer.status == 202, (answer.status, content[:300])


def _alerts(port: int, token: str, services: list[str], seconds: int, rate: int) -> dict[str, float]:
    """When each was sent, by its name. One monitoring: one after the other, on one connection."""
    line, sent, began = door(port), {}, time.time() + 1
    for number in range(seconds * rate):
        time.sleep(max(0.0, began + number / rate - time.time()))
        sent[f"bench-{number}"] = time.time()
        _alert(line, token, services[number % len(services)], f"bench-{number}")
    return sent


def _late(fired: dict[str, float], gateway: paging.Gateway) -> list[float]:
    """Seconds from each alert to the first attempt for its incident, of those that came, in order."""
    from incidents.alerts_in.models import AlertOccurrence

    rows = AlertOccurrence.objects.filter(labels__alertname__in=list(fired), incident__isnull=False)
    known = {one.labels["alertname"]: one.incident.reference for one in rows.select_related("incident") if one.incident}
    came = [(gateway.came.get(known[name]), at) for name, at in fired.items() if name in known]
    return sorted(there - here for there, here in came if there is not None)


def _wait_until(question: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not question() and time.monotonic() < end:
        time.sleep(0.5)


def _share(values: list[float], share: float) -> float:
    return round(values[min(int(len(values) * share), len(values) - 1)], 3) if values else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
