"""How long after its cause a push is there: replies are sent at a steady rate, a push service of our own notes arrivals.

`python -m tests.bench.notifications [SECONDS [RATE]]` starts the web server, the worker and the lanes as `make run` does
and prints the figures as one JSON line. A reply's instant is when it is sent; arrivals are counted by device, in order.
"""

import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import django

_RECORDS = 60
_CLIENTS = 8
_PATIENCE = 60.0
# As a browser gives them out.
_AUTH = "MDEyMzQ1Njc4OWFiY2RlZg"


class _PushService(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.arrived: dict[int, list[float]] = defaultdict(list)


class _Taking(BaseHTTPRequestHandler):
    server: _PushService

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived[int(self.path.rsplit("/", 1)[1])].append(time.monotonic())
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        return


def run(seconds: int = 30, rate: int = 50) -> dict[str, Any]:
    """Seconds from sending a reply to the arrival of its push."""
    service = _PushService()
    threading.Thread(target=service.serve_forever, daemon=True).start()
    os.environ["HEADROOM_OUTGOING_ALLOW"] = f"127.0.0.1:{service.server_port}"
    os.environ["HEADROOM_WEB_PUSH_KEY"] = "bench"
    django.setup()
    from itsm.run import environment, programs
    from tests.bench import server

    token, references = _world(service.server_port)
    ours = {name: value for name, value in os.environ.items() if environment.is_ours(name)}
    with server.desk() as desk, tempfile.TemporaryDirectory() as scratch:
        lanes = programs.lanes("outward", programs.OUTWARD, Path(scratch), ours)
        lanes.start()
        try:
            _warm_up(desk.port, token, references, service)
            sent, answers = _replies(desk.port, token, references, seconds, rate)
            _wait_for(service, sum(map(len, sent.values())))
        finally:
            lanes.stop()
    begun = [one for at in sent.values() for one in at]
    late = sorted(
        there - here for number, at in sent.items() for here, there in zip(at, service.arrived[number], strict=False)
    )
    return {
        "replies": len(begun), "a_second_wanted": rate, "arrived": len(late),
        "a_second_reached": round(len(begun) / max(max(begun) - min(begun), 1.0), 1),
        "median_s": _share(late, 0.5), "p95_s": _share(late, 0.95), "p99_s": _share(late, 0.99), "worst_s": _share(late, 1),
        "within_5_s": round(sum(one <= 5 for one in late) / max(len(late), 1), 4), "answer_p95_s": _share(sorted(answers), 0.95),
    }  # fmt: skip


def _warm_up(port: int, token: str, references: list[str], service: _PushService) -> None:
    """Until all programs have started: the first push is there. The replies to it are not counted."""
    for reference in references[:_CLIENTS]:
        _post(port, token, reference, "Hello")
    _wait_for(service, min(_CLIENTS, len(references)))
    service.arrived.clear()


def _share(values: list[float], share: float) -> float:
    return round(values[min(int(len(values) * share), len(values) - 1)], 3) if values else 0.0


def _replies(
    port: int, token: str, references: list[str], seconds: int, rate: int
) -> tuple[dict[int, list[float]], list[float]]:
    """Sends them on time, to one record after the other. When each was sent, by record, and how long answers took."""
    sent: dict[int, list[float]] = defaultdict(list)
    answers: list[float] = []
    began = time.monotonic() + 1

    def reply(number: int) -> None:
        at = began + number / rate
        time.sleep(max(0.0, at - time.monotonic()))
        sent[number % len(references)].append(time.monotonic())
        _post(port, token, references[number % len(references)], f"Word {number}")
        answers.append(time.monotonic() - at)

    with ThreadPoolExecutor(_CLIENTS) as clients:
        list(clients.map(reply, range(seconds * rate)))
    return sent, answers


def _post(port: int, token: str, reference: str, text: str) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/incidents/{reference}/notes/",
        json.dumps({"text": text, "private": False}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status in {200, 201}, answer.status


def _wait_for(service: _PushService, wanted: int) -> None:
    end = time.monotonic() + _PATIENCE
    while sum(map(len, service.arrived.values())) < wanted and time.monotonic() < end:
        time.sleep(0.1)


def _world(port: int) -> tuple[str, list[str]]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from incidents.incident import operations as incidents
    from itsm.accounts import operations as accounts
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door
    from itsm.notifications.models import PushDevice
    from itsm.notifications.pushing import keys
    from tests.bench import world

    agent = accounts.add_user(actor=world.OPERATOR, username="bench-desk", roles=["agent"])
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )  # fmt: skip
    references = []
    for number in range(_RECORDS):
        caller = accounts.add_user(actor=world.OPERATOR, username=f"bench-caller-{number}", roles=["requester"])
        PushDevice.objects.create(
            user=caller,
            name="Phone",
            endpoint=f"http://127.0.0.1:{port}/{number}",
            p256dh=keys.encoded(point),
            auth=_AUTH,
        )
        opened = incidents.open_incident(actor=actor_for(caller, Door.WEB), title=f"Bench {number}")
        references.append(opened.reference)
    return accounts.issue_token(agent, actor=world.OPERATOR, name="bench", allowed=None)[1], references


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
