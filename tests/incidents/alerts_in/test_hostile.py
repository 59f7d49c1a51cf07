"""Bodies that nobody meant: taken, parked or refused with a sentence, never a fault of ours."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Service
from incidents.alerts_in.models import AlertSource
from itsm.accounts.models import User
from tests.incidents.alerts_in.conftest import alert, group
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
BODIES = 2_000 if IN_FULL else 120
ODD: list[Any] = [
    None, True, -1, 10**30, 1e308, "", " ", "x" * 5_000, "\u202e", "é\ud7ff", [], {}, [[]], {"a": {"b": []}}, "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00", "2026-13-40T99:99:99Z", "2026-11-29", "firing", "resolved", ["firing"], {"": ""}, "'; DROP TABLE x; --",
    "<script>", "\n" * 50, "1e3", "٣",
]  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in items:
        found += _places(one, (*path, name))
    return found


def _spoilt(document: Any, dice: random.Random) -> Any:
    """The document with one to three things in it that are not as they should be."""
    spoilt = copy.deepcopy(document)
    for _ in range(dice.randint(1, 3)):
        *way, last = dice.choice([one for one in _places(spoilt) if one] or [("x",)])
        at = spoilt
        for step in way:
            at = at[step]
        if dice.random() < 0.2 and isinstance(at, dict):
            at.pop(last, None)  # a body of which nothing is left has nothing to lose
        else:
            at[last] = copy.deepcopy(dice.choice(ODD))
    return spoilt


def test_no_body_is_a_fault_of_ours(checkout: Service, api: Callable[..., APIClient], monitoring: User) -> None:
    AlertSource.objects.create(
        slug="odd", name="Odd", shape="generic",
        mapping={
            "alerts": "/a", "fingerprint": "/id", "state": "/s", "started_at": "/t", "title": "/n", "all_labels": "/l",
            "link": "/u",
        },
    )  # fmt: skip
    bodies = {
        "alertmanager": group(alert(), alert("B", instance="b"), truncatedAlerts=1),
        "grafana": group({**alert(), "values": {"A": 1}, "panelURL": "https://g.example"}),
        "pagerduty/v2/enqueue": {
            "event_action": "trigger", "dedup_key": "k", "links": [{"href": "https://x.example"}],
            "payload": {"summary": "S", "source": "s", "severity": "critical", "timestamp": "2026-11-29T10:00:00Z"},
        },
        "cdevents": {
            "context": {"id": "1", "source": "/m", "type": "dev.cdevents.incident.detected.0.3.0", "timestamp": "2026-11-29T10:00:00Z"},
            "subject": {"id": "i", "source": "/m", "content": {"description": "d", "service": {"id": "checkout"}}},
        },
        "alerts/odd": {"a": [{"id": 1, "s": "firing", "t": "2026-11-29T10:00:00Z", "n": "N", "l": {"x": "y"}, "u": "https://x.example"}]},
    }  # fmt: skip
    client = api(monitoring, "alerts:write")
    client.raise_request_exception = False
    dice, answered = random.Random(2026), set()
    for number in range(BODIES):
        door = sorted(bodies)[number % len(bodies)]
        raw = json.dumps(_spoilt(bodies[door], dice)).encode()
        if dice.random() < 0.1:
            raw = raw[: dice.randint(0, len(raw))] + dice.randbytes(3)
        answer = client.post(f"/api/v1/integrations/{door}/", raw, content_type="application/json")
        answered.add(answer.status_code)
        assert answer.status_code in {202, 400}, (door, raw[:500], answer.content[:300])
    assert answered == {202, 400}
