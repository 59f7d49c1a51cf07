"""Five thousand alerts of forty services within a minute: each kept, none lost, forty-one incidents at most.

    python -m tests.bench.alerts [alerts]

Bodies hold a hundred alerts, as a busy Alertmanager sends them; every second one is small enough to be applied while
its sender waits. The rest is applied by the lane. Once in this process, once over HTTP with all programs of `make run`
that take part, of another forty services.
"""

import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import django

SIZE = 5_000
SERVICES = 40


def main(alerts: int = SIZE) -> dict[str, Any]:
    """Seconds to take them in and until the last is applied; how many rows, how many incidents."""
    from django.utils import timezone

    from incidents.alerts_in import formats
    from incidents.alerts_in.models import AlertIntake, AlertOccurrence
    from incidents.alerts_in.operations import receiving
    from itsm.clocks import due
    from itsm.notifications.lanes import Lane

    source, bodies = _monitoring(), _written(alerts)
    began, cpu, taken = time.perf_counter(), _cpu(), []
    for raw in bodies:
        before = time.perf_counter()
        receiving.accept(source, raw, formats.read("alertmanager", json.loads(raw), {}), at=timezone.now())
        taken.append(time.perf_counter() - before)
    accepted = time.perf_counter() - began
    while AlertIntake.objects.filter(source=source, status="new").exists():
        due.sweep(timezone.now() + timedelta(seconds=2), lanes=[Lane.INTAKE])
    seconds = time.perf_counter() - began
    rows = AlertOccurrence.objects.filter(source=source)
    cuts = quantiles(taken, n=20)
    found = {
        "alerts": alerts, "bodies": len(bodies), "seconds": round(seconds, 1), "accepted_in_s": round(accepted, 1),
        "cpu_s": round(_cpu() - cpu, 1), "p50_ms": round(cuts[9] * 1000, 1), "p95_ms": round(cuts[18] * 1000, 1),
        "rows": rows.count(), "lost": alerts - rows.count(),
        "incidents": rows.values("incident").distinct().count(),
        "without_incident": rows.filter(incident=None).count(),
    }  # fmt: skip
    return found | {"over_http": _over_http(alerts)}


def _over_http(alerts: int) -> dict[str, Any]:
    """The same at the door of the running product: one sender, who sends the next body when the last is answered."""
    from django.db.models import Max

    from incidents.alerts_in.models import AlertIntake, AlertOccurrence
    from itsm.clocks import heartbeat
    from itsm.run import environment, programs
    from tests.bench import night, server

    token = night.monitor(f"bench-door-{os.getpid()}")
    bodies = _written(alerts, "bench-door")
    ours = {name: value for name, value in os.environ.items() if environment.is_ours(name)}
    with server.desk() as desk, tempfile.TemporaryDirectory() as scratch:
        lanes = programs.lanes("outward", programs.OUTWARD, Path(scratch), ours)
        lanes.start()
        try:
            line, taken = night.door(desk.port), []
            before_it, since = heartbeat.ages()["intake"], time.perf_counter()
            while (age := heartbeat.ages()["intake"]) is None or (
                before_it is not None and age > time.perf_counter() - since
            ):
                time.sleep(0.2)  # the lane's program has started
            began = time.perf_counter()
            for raw in bodies:
                before = time.perf_counter()
                night.post(line, token, raw)
                taken.append(time.perf_counter() - before)
            accepted = time.perf_counter() - began
            while AlertIntake.objects.filter(status="new").exists():
                time.sleep(0.1)
            seconds = time.perf_counter() - began
        finally:
            lanes.stop()
    found = AlertOccurrence.objects.filter(labels__service__startswith="bench-door-")
    cuts = quantiles(taken, n=20)
    return {
        "seconds": round(seconds, 1), "accepted_in_s": round(accepted, 1), "answer_p50_ms": round(cuts[9] * 1000, 1),
        "answer_p95_ms": round(cuts[18] * 1000, 1), "lost": alerts - found.count(),
        "incidents": found.values("incident").distinct().count(), "most_times": found.aggregate(most=Max("times"))["most"],
    }  # fmt: skip


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


def _monitoring() -> Any:
    """A source and forty services of a team."""
    from catalog.models import Service
    from incidents.alerts_in.models import AlertSource
    from itsm.accounts.models import Team

    team, _is_new = Team.objects.get_or_create(slug="bench-alerts", defaults={"name": "Alerts", "takes_work": True})
    for word in ("bench-alerts", "bench-door"):
        for number in range(SERVICES):
            Service.objects.get_or_create(
                slug=f"{word}-{number}", defaults={"name": f"{word} {number}", "team": team}
            )  # fmt: skip
    values = {"name": "Bench", "shape": "alertmanager"}
    return AlertSource.objects.get_or_create(slug="bench-alerts", defaults=values)[0]


def _written(alerts: int, word: str = "bench-alerts") -> list[bytes]:
    """Bodies of a hundred and of fifty in turns, as Alertmanager writes them."""
    from django.utils import timezone

    start = timezone.now().isoformat()
    found: list[bytes] = []
    number = 0
    while number < alerts:
        size = min(50 if len(found) % 2 else 100, alerts - number)
        some = [
            {
                "status": "firing", "startsAt": start, "endsAt": "0001-01-01T00:00:00Z",
                "labels": {
                    "alertname": "Slow", "service": f"{word}-{one % SERVICES}", "instance": str(one),
                    "environment": "production", "severity": "critical",
                },
                "annotations": {"summary": f"Slow {one % SERVICES}"},
            }
            for one in range(number, number + size)
        ]  # fmt: skip
        found.append(json.dumps({"version": "4", "alerts": some}).encode())
        number += size
    return found


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE), indent=2) + "\n")
