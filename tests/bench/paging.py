"""From an alert's incident to the first attempt that arrives: seconds, with a keeper of the lane as in `make run`.

    python -m tests.bench.paging [incidents [a second]]

Each incident opens by an alert, takes a route and pages one of forty people, whose rule sends a text message at once to
a gateway of the bench. Counted from the commit of the incident to the whole request at the gateway.
"""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import django
from django.db import transaction

from tests.bench.server import cpu_seconds

INCIDENTS, A_SECOND, PEOPLE = 160, 4.0, 40  # above 200 within a minute it is a storm, which pages otherwise
_PATIENCE = 600.0


class Gateway:
    """Takes every message; when each came first, by the words of its incident."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.came.setdefault(said["text"].split()[0], time.time())
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Counted, not printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def main(count: int = INCIDENTS, a_second: float = A_SECOND) -> dict[str, Any]:
    """Seconds from an incident to its first attempt."""
    from itsm.clocks import heartbeat
    from itsm.paging.models import EscalationTaken, PageAttempt

    gateway = Gateway()
    os.environ["HEADROOM_OUTGOING_ALLOW"] = gateway.url.removeprefix("http://")
    services = _company(gateway.url)
    keeper = subprocess.Popen([sys.executable, "manage.py", "keep_lanes", "paging"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: heartbeat.ages()["paging"] is not None, "the lane is kept")
        before = cpu_seconds(keeper.pid)
        opened = _steady(count, a_second, services)
        _wait_for(lambda: len(gateway.came) >= count, "everybody is paged")
        spent = cpu_seconds(keeper.pid) - before
    finally:
        keeper.terminate()
        keeper.wait(60)
    late = sorted(gateway.came[reference] - at for reference, at in opened.items())
    return {
        "incidents": count, "a_second": a_second, "people": PEOPLE, "load_before": os.getloadavg()[0],
        "first_attempt_s": {"p50": _at(late, 0.5), "p95": _at(late, 0.95), "most": _at(late, 1.0)},
        "steps": EscalationTaken.objects.count(), "attempts": PageAttempt.objects.count(),
        "cpu_ms_a_page": round(1000 * spent / count, 1),
    }  # fmt: skip


def _company(url: str) -> list[Any]:
    """Forty services, each with a team, a policy, a route and one person who wishes a text message at once."""
    from django.utils import timezone

    from catalog.services.models import Service
    from incidents.escalation.models import EscalationRoute
    from itsm.accounts.models import Membership, Team, User
    from itsm.paging.models import (
        ContactPoint,
        EscalationPolicy,
        EscalationStep,
        PagingProvider,
        PersonalRule,
        StepTarget,
    )

    now, services = timezone.now(), []
    PagingProvider.objects.create(
        name="Bench", channel="sms", url=f"{url}/", template='{"to": "{to}", "text": "{text}", "id": "{id}"}'
    )
    for number in range(PEOPLE):
        team = Team.objects.create(slug=f"on-call-{number}", name=f"On call {number}", takes_work=True)
        person = User.objects.create(username=f"on-call-{number}", roles=["engineer"])
        Membership.objects.create(team=team, user=person)
        phone = ContactPoint.objects.create(
            person=person, channel="sms", address=f"+49151{number:08d}", verified_at=now
        )
        for urgency in ("high", "low"):
            PersonalRule.objects.create(person=person, urgency=urgency, position=1, channel="sms", contact=phone)
        policy = EscalationPolicy.objects.create(
            slug=f"on-call-{number}", name=f"On call {number}", team=team, live_at=now
        )
        step = EscalationStep.objects.create(policy=policy, position=1, wait_s=3600)
        StepTarget.objects.create(step=step, kind_of="person", person=person)
        service = Service.objects.create(slug=f"on-call-{number}", name=f"On call {number}", tier=1, team=team)
        EscalationRoute.objects.create(position=number + 1, service=service, policy=policy)
        services.append(service)
    return services


def _steady(count: int, a_second: float, services: list[Any]) -> dict[str, float]:
    """When each incident was committed, by its reference."""
    from incidents.incident import operations
    from itsm.kernel.actors import Actor

    opened, began = {}, time.time()
    for number in range(count):
        time.sleep(max(0.0, began + number / a_second - time.time()))
        with transaction.atomic():
            made = operations.open_from_alert(
                actor=Actor.system("bench"), service=services[number % len(services)], title="Errors", description="",
                priority=1, source_key=f"bench-{number}",
            )  # fmt: skip
        opened[made.reference] = time.time()
    return opened


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
