"""How soon the door of a platform has kept a delivery and answered: signed bodies of GitHub's size, one after the other.

`python -m tests.bench.doors [DELIVERIES]` starts the web server as `make run` does and prints the figures as one JSON
line: milliseconds from the first byte sent to the answer. What a delivery leads to is done later, by a lane.
"""

import hmac
import http.client
import json
import sys
import time
from collections.abc import Iterator
from statistics import quantiles
from typing import Any
from uuid import uuid4

import django


def run(deliveries: int = 500) -> dict[str, Any]:
    django.setup()
    from django.utils import timezone

    from changes.delivery.models import PlatformDelivery
    from changes.delivery.operations import sources
    from itsm.accounts.actors import actor_for
    from itsm.accounts.models import User
    from itsm.kernel.actors import Door
    from tests.bench import server, world

    _token, manager = world.people()
    _source, secret = sources.add_source(
        actor=actor_for(manager, Door.WEB), platform="github", slug="bench", name="Bench",
        account=User.objects.get(username="bench-ci"), at=timezone.now(),
    )  # fmt: skip
    with server.desk() as desk:
        line = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
        for headers, body in _signed(secret, 20):  # what is prepared once per process is not what is measured
            _post(line, headers, body)
        taken = [_post(line, headers, body) for headers, body in _signed(secret, deliveries)]
    cuts = quantiles(taken, n=20)
    return {
        "deliveries": deliveries, "kept": PlatformDelivery.objects.count() - 20, "p50_ms": round(1000 * cuts[9], 1),
        "p95_ms": round(1000 * cuts[18], 1), "max_ms": round(1000 * max(taken), 1),
    }  # fmt: skip


def _signed(secret: str, count: int) -> Iterator[tuple[dict[str, str], bytes]]:
    """Deployments that ended, each another one, as large as GitHub's with its repository, sender and workflow."""
    for number in range(count):
        body = json.dumps(
            {
                "action": "created",
                "deployment": {"id": number, "sha": f"{number:040x}", "environment": "production", "task": "deploy"},
                "deployment_status": {"id": number, "state": "success", "environment": "production"},
                "repository": {"full_name": "shop/checkout", "description": "x" * 8_000},
            }
        ).encode()
        yield (
            {
                "Content-Type": "application/json",
                "X-GitHub-Event": "deployment_status",
                "X-GitHub-Delivery": str(uuid4()),
                "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest(),
            },
            body,
        )


def _post(line: http.client.HTTPConnection, headers: dict[str, str], body: bytes) -> float:
    began = time.perf_counter()
    line.request("POST", "/api/v1/integrations/github/", body, headers)
    answer = line.getresponse()
    said = answer.read()
    spent = time.perf_counter() - began
    if answer.status != 202:
        raise RuntimeError(f"{answer.status}: {said[:300]!r}")
    return spent


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
