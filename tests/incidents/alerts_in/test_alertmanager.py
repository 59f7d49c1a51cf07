"""With a real Alertmanager: groups, resolves, re-fires, what it cuts off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from incidents.alerts_in.models import AlertOccurrence, AlertSource, AlertTally
from incidents.alerts_in.operations import polling
from incidents.incident.models import Incident
from itsm.accounts.models import User
from tests.incidents.alerts_in.alertmanager_server import alertmanager

pytestmark = [pytest.mark.django_db, pytest.mark.prometheus]
DOOR = "/api/v1/integrations/alertmanager/"


def test_a_group_ends_and_fires_again_and_what_is_cut_off_is_read(
    tmp_path: Path, checkout: Service, api: Callable[..., APIClient], monitoring: User, monkeypatch: Any
) -> None:
    door = api(monitoring, "alerts:write")
    slow = {"alertname": "Slow", "service": "checkout", "environment": "production", "severity": "critical"}
    with alertmanager(tmp_path, most=2) as server:
        began = datetime.now(UTC) - timedelta(minutes=1)
        server.fire(slow, start=began)
        assert door.post(DOOR, server.body(), format="json").json()["applied"]
        assert AlertOccurrence.objects.get().incident == Incident.objects.get()

        server.fire(slow, start=began, end=datetime.now(UTC))
        door.post(DOOR, server.body(), format="json")
        assert AlertOccurrence.objects.get().status == "ended"

        server.fire(slow)
        door.post(DOOR, server.body(), format="json")
        assert AlertOccurrence.objects.filter(status="firing").count() == 1
        assert AlertOccurrence.objects.count() == 2

        for n in range(4):
            server.fire({**slow, "instance": str(n)})
        while not (body := server.body()).get("truncatedAlerts"):
            door.post(DOOR, body, format="json")
        door.post(DOOR, body, format="json")
        assert AlertTally.objects.filter(what="truncated").exists()

        monkeypatch.setattr(settings, "OUTGOING_ALLOW", [f"127.0.0.1:{server.port}"])
        source = AlertSource.objects.get()
        AlertSource.objects.update(server_url=server.url)
        source.refresh_from_db()
        assert polling.poll(source, at=timezone.now())
        assert AlertOccurrence.objects.filter(ended_at=None).count() == 5
        assert Incident.objects.count() == 1

        AlertOccurrence.objects.create(
            source=source, fingerprint="gone", started_at=began, seen_at=began, received_at=began, title="Gone",
            group_key="x",
        )  # fmt: skip
        for _ in range(2):
            assert AlertOccurrence.objects.get(fingerprint="gone").status == "firing"
            polling.poll(source, at=timezone.now())
        assert AlertOccurrence.objects.get(fingerprint="gone").status == "ended"
