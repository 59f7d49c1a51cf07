"""Messages to two receivers, one of which fails seven times in ten: how late the other hears, beside how much a second.

    python -m tests.bench.webhooks [events [a second]]

Events happen at a steady pace; a program keeps the lane as in `make run`. Late is from the commit of an event to the
whole request at the receiver. Then as many at once, to the well one alone.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import django
from django.db import transaction

from tests.bench.server import cpu_seconds

EVENTS, A_SECOND = 5_000, 50.0
FAILS = 0.7
RECORDS = 500
SEED = 20261129
_PATIENCE = 600.0


class Receiver:
    """`/well` takes everything, `/bad` three in ten. When each message came first, by its id."""

    def __init__(self) -> None:
        self.came: dict[str, dict[str, float]] = {"/well": {}, "/bad": {}}
        self.taken: dict[str, list[str]] = {"/well": [], "/bad": []}
        chance = random.Random(SEED)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["webhook-id"]
                outer.came[self.path].setdefault(key, time.time())
                fails = self.path == "/bad" and chance.random() < FAILS
                if not fails:
                    outer.taken[self.path].append(key)
                self.send_response(503 if fails else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Counted, not printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def main(count: int = EVENTS, a_second: float = A_SECOND) -> dict[str, Any]:
    """Seconds from an event to its receiver, and messages a second."""
    from django.utils import timezone

    from itsm.webhooks.models import WebhookEndpoint

    receiver = Receiver()
    _allow(receiver.url)
    well, bad = _endpoints(receiver.url)
    keeper = subprocess.Popen([sys.executable, "manage.py", "keep_lanes", "webhook"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: _is_kept(), "the lane is kept")
        happened = _steady(count, a_second, [well, bad])
        _wait_for(lambda: len(receiver.came["/well"]) == count, "all have come")
        late = sorted(receiver.came["/well"][key] - at for key, at in happened.items())
        first_tries = sorted(receiver.came["/bad"].get(key, time.time()) - at for key, at in happened.items())
        WebhookEndpoint.objects.filter(pk=bad.pk).update(off_at=timezone.now(), failing_since=None)
        began, before = time.time(), cpu_seconds(keeper.pid)
        at_once = _at_once(count, well)
        _wait_for(lambda: len(receiver.came["/well"]) == 2 * count, "the heap is gone")
        seconds = max(receiver.came["/well"][key] for key in at_once) - began
        spent = cpu_seconds(keeper.pid) - before
    finally:
        keeper.terminate()
        keeper.wait(60)
    assert len(receiver.taken["/well"]) == len(set(receiver.taken["/well"])) == 2 * count
    assert len(receiver.taken["/bad"]) == len(set(receiver.taken["/bad"]))
    return {
        "events": count, "a_second": a_second, "fails": FAILS, "load_before": os.getloadavg()[0],
        "late_s": {"p50": _at(late, 0.5), "p99": _at(late, 0.99), "most": _at(late, 1.0)},
        "first_try_of_the_failing_s": {"p50": _at(first_tries, 0.5), "p99": _at(first_tries, 0.99)},
        "heap": {"messages": count, "seconds": round(seconds, 1), "a_second": round(count / seconds, 1)},
        "cpu_ms_a_message": round(1000 * spent / count, 2),
    }  # fmt: skip


def _allow(url: str) -> None:
    from django.conf import settings

    os.environ["HEADROOM_OUTGOING_ALLOW"] = url.removeprefix("http://")
    settings.OUTGOING_ALLOW = [url.removeprefix("http://")]


def _endpoints(url: str) -> Any:
    from itsm.accounts import operations as accounts
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door
    from itsm.webhooks import operations
    from tests.bench import world

    keeper = accounts.add_user(actor=world.OPERATOR, username="bench-webhooks", roles=["admin"])
    actor = actor_for(keeper, Door.COMMAND)
    return [operations.create(actor=actor, name=name, url=f"{url}/{name}", events=["*"])[0] for name in ("well", "bad")]


def _event(number: int) -> Any:
    from django.utils import timezone

    from itsm.webhooks import events
    from itsm.webhooks.models import WebhookEvent

    at = timezone.now()
    return WebhookEvent(
        key=events.new_id(), type="incident.edited", at=at, record_kind="incident", record_id=number % RECORDS,
        reference="INC-1", body=events.written("incident.edited", at, {"words": "x" * 1500, "number": number}),
    )  # fmt: skip


def _steady(count: int, a_second: float, endpoints: Any) -> dict[str, float]:
    from itsm.webhooks import events

    happened: dict[str, float] = {}
    began = time.time()
    for number in range(count):
        time.sleep(max(0.0, began + number / a_second - time.time()))
        with transaction.atomic():
            event = _event(number)
            event.save(force_insert=True)
            events.send(event, endpoints)
        happened[event.key] = time.time()
    return happened


def _at_once(count: int, endpoint: Any) -> list[str]:
    from itsm.webhooks import events

    made = [_event(number) for number in range(count)]
    with transaction.atomic():
        for event in made:
            event.save(force_insert=True)
            events.send(event, [endpoint])
    return [event.key for event in made]


def _is_kept() -> bool:
    from itsm.clocks import heartbeat

    return heartbeat.ages()["webhook"] is not None


def _wait_for(question: Any, what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not question():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


def _at(seconds: list[float], share: float) -> float:
    return round(seconds[min(len(seconds) - 1, int(share * len(seconds)))], 3)


if __name__ == "__main__":
    django.setup()
    given = sys.argv[1:]
    print(json.dumps(main(*(int(one) for one in given[:1]), *(float(one) for one in given[1:2]))))
