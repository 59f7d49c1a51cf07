"""Pipelines that wait for people, at the real web server: they hold up nobody, and hear the answer when it is there."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import people_decide
from itsm.accounts.models import User
from tests.api.fuzzed_server import serving
from tests.changes.scene import asked
from tests.factories.slo import a_service

PATIENCE = 120.0


@pytest.mark.django_db(transaction=True)
def test_two_wait_a_third_is_sent_away_and_others_are_answered(
    tmp_path: Path, pipeline: User, approver: User, secret: str, as_actor: Callable[..., Any]
) -> None:
    evaluation = asked(a_service(slug="checkout"), pipeline)
    said: list[tuple[str, float]] = []
    with serving(tmp_path, WEB_THREADS="1", WEB_WAITERS="2") as address:
        path = f"{address}/api/v1/gate-evaluations/{evaluation.pk}/"

        def read(query: str = "") -> tuple[dict[str, Any], Any]:
            request = urllib.request.Request(path + query, headers={"Authorization": f"Bearer {secret}"})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read()), answer.headers

        def wait() -> None:
            """Until there is an answer; whoever is sent away comes again at once."""
            while True:
                began = time.monotonic()
                status = read("?wait=25")[0]["status"]
                if status != "pending":
                    said.append((status, time.monotonic() - began))
                    return

        threads = [threading.Thread(target=wait, daemon=True) for _ in range(2)]
        for one in threads:
            one.start()
        until = time.monotonic() + PATIENCE
        while True:  # once both wait, a third one is told to come back
            began = time.monotonic()
            body, headers = read("?wait=1")
            assert body["status"] == "pending"
            if time.monotonic() - began < 0.9 or time.monotonic() > until:
                break
            time.sleep(0.3)
        assert headers["Retry-After"] == "15"
        assert said == []
        assert read()[0]["status"] == "pending"  # the one thread that works is nobody's meanwhile
        assert said == []
        people_decide.decide_by_person(
            evaluation.change, actor=as_actor(approver), at=timezone.now(), decision="decline", comment="No"
        )
        for one in threads:
            one.join(PATIENCE)
    assert [status for status, _seconds in said] == ["rejected", "rejected"]
    assert max(seconds for _status, seconds in said) < 24
