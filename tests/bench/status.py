"""A public status page while database and broker are stopped: so many requests a second, from the time each was due.

    python -m tests.bench.status [seconds [a second]]

20 components with 90 days each, 30 notices with four updates. The web server is started as `make run` starts it; then
PostgreSQL is stopped. The broker's address is one where nobody listens, from the start.
"""

import http.client
import json
import os
import sys
import threading
import time
from collections import Counter
from typing import Any

from itsm.run import places, ports
from tests.bench.stand import Stand, stand

CLIENTS = 8
PATHS = ("", "", "", "api/v2/summary.json", "api/v2/status.json", "feed.rss", "history/", "maintenance.ics")
_FOUNDING = """
from datetime import timedelta
from django.utils import timezone
from itsm.kernel.actors import Actor
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from itsm.statuspage import snapshot
from itsm.statuspage.operations import keeping, notices
person = accounts.add_user(actor=Actor.system("bench"), username="bench-status", roles=["manager", "agent"])
actor, now = actor_for(person, Door.COMMAND), timezone.now()
page = keeping.create_page(actor=actor, name="Acme", slug="acme", zone="Europe/Berlin")
parts = [keeping.add_component(page, actor=actor, at=now - timedelta(days=100), name=f"Component {n}", group=f"Group {n // 5}")
         for n in range(20)]
for n in range(30):
    at = now - timedelta(days=3 * n, hours=5)
    words = "What is known is said here, and what is done about it. " * 4
    one = notices.publish(page, actor=actor, at=at, title=f"Something fails {n}", body=words,
                          states={parts[n % 20].pk: "partial_outage"})
    for hour, action in enumerate(("identify", "monitor", "resolve"), 1):
        notices.publish_update(one, actor=actor, at=at + timedelta(hours=hour), action=action, body=words)
print(snapshot.build())
"""


def main(seconds: int = 20, rate: int = 300) -> dict[str, Any]:
    """Milliseconds from when each request was due, with database and broker away."""
    os.environ["REDIS_URL"] = f"redis://127.0.0.1:{ports.free()}/0"
    with stand(places.ROOT, "status", durable=False) as here:
        files = int(here.run(_FOUNDING))
        paced(here.port, 2, rate)
        stop_database(here)
        before = here.cpu()["web"] if here.web.process else 0.0
        found = paced(here.port, seconds, rate)
        return {"files": files, "load": os.getloadavg()[0], **found, "web_cpu": round(here.cpu()["web"] - before, 2)}


def stop_database(here: Stand) -> None:
    """PostgreSQL of this stand is gone, and is seen to be."""
    here.stop_database()
    port = http.client.HTTPConnection("127.0.0.1", here.port, timeout=30)
    port.request("GET", "/readyz")
    answer = port.getresponse()
    if answer.status == 200:
        raise RuntimeError("The database answers still.")


def paced(port: int, seconds: int, rate: int) -> dict[str, Any]:
    """Requests at an even rate by a few clients, each with one connection; a late one counts from when it was due."""
    times: list[float] = []
    told: Counter[str] = Counter()
    lock, start = threading.Lock(), time.perf_counter() + 0.2

    def client(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for turn in range(number, seconds * rate, CLIENTS):
            due = start + turn / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            line.request("GET", f"/status/acme/{PATHS[turn % len(PATHS)]}", headers={"Accept-Encoding": "gzip"})
            answer = line.getresponse()
            answer.read()
            with lock:
                times.append(time.perf_counter() - due)
                told[str(answer.status)] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    ordered = sorted(times)
    at = {name: round(1000 * ordered[int(len(ordered) * share)], 1) for name, share in (("p50", 0.5), ("p99", 0.99))}
    took = time.perf_counter() - start
    return {"requests": len(ordered), "per_second": round(len(ordered) / took), **at, "answers": dict(told)}


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:3]]
    sys.stdout.write(json.dumps(main(*words), indent=2) + "\n")
