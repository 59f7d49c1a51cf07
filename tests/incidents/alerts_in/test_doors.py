"""The doors: each in its own words, kept before anything is made of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Service
from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertSource
from incidents.incident.models import Incident
from itsm.accounts.models import User
from tests.api.world import token_of
from tests.incidents.alerts_in.conftest import alert, group

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/integrations"
Api = Callable[..., APIClient]


def test_alertmanager_is_answered_202_once_it_is_applied(checkout: Service, api: Api, monitoring: User) -> None:
    answer = api(monitoring, "alerts:write").post(f"{DOOR}/alertmanager/", group(alert()), format="json")

    assert (answer.status_code, answer.json()) == (202, {"intake": AlertIntake.objects.get().pk, "applied": True})
    assert AlertOccurrence.objects.get().incident == Incident.objects.get()
    assert AlertSource.objects.get().slug == "alertmanager"


def test_only_programs_with_the_scope_bring_alerts(api: Api, monitoring: User, engineer: User) -> None:
    assert api(monitoring, "read").post(f"{DOOR}/alertmanager/", group(alert()), format="json").status_code == 403
    assert api(engineer, "alerts:write").post(f"{DOOR}/alertmanager/", group(alert()), format="json").status_code == 403
    assert not AlertIntake.objects.exists()


def test_a_bad_one_among_good_ones_is_parked_alone(checkout: Service, api: Api, monitoring: User) -> None:
    bad = {**alert(), "startsAt": "yesterday"}
    answer = api(monitoring, "alerts:write").post(f"{DOOR}/alertmanager/", group(alert(), bad), format="json")

    assert answer.json()["applied"]
    assert AlertOccurrence.objects.count() == 1
    parked = AlertIntake.objects.get(status="parked")
    assert "yesterday" in parked.reason


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"alerts": 7}', "[" * 40 + "]" * 40, '{"alerts": NaN}'])
def test_what_is_no_alert_is_refused_with_a_sentence(body: str, api: Api, monitoring: User) -> None:
    answer = api(monitoring, "alerts:write").post(
        f"{DOOR}/alertmanager/", body.encode(), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_pagerduty_signs_in_by_its_routing_key(checkout: Service, monitoring: User) -> None:
    key = token_of(monitoring, "alerts:write")
    event: dict[str, Any] = {
        "routing_key": key, "event_action": "trigger", "dedup_key": "disk-1",
        "payload": {"summary": "Disk full", "source": "db1", "severity": "critical", "custom_details": {"service": "checkout"}},
    }  # fmt: skip
    client = APIClient()
    answer = client.post(f"{DOOR}/pagerduty/v2/enqueue", event, format="json")
    assert (answer.status_code, answer.json()["dedup_key"]) == (202, "disk-1")
    assert AlertOccurrence.objects.get().service == checkout

    client.post(f"{DOOR}/pagerduty/v2/enqueue", {**event, "event_action": "resolve", "payload": None}, format="json")
    assert AlertOccurrence.objects.get().status == "ended"
    assert client.post(f"{DOOR}/pagerduty/v2/enqueue", {**event, "routing_key": "x"}, format="json").status_code == 401


def test_cdevents_detect_and_resolve(checkout: Service, api: Api, monitoring: User) -> None:
    client = api(monitoring, "alerts:write")

    def event(kind: str, number: str) -> dict[str, Any]:
        return {
            "context": {"id": number, "source": "/mon", "type": f"dev.cdevents.incident.{kind}.0.3.0",
                        "timestamp": datetime.now(UTC).isoformat(), "specversion": "0.6.0"},
            "subject": {"id": "incident-1", "source": "/mon", "content": {
                "description": "Slow", "service": {"id": "checkout"}, "environment": {"id": "production"}}},
        }  # fmt: skip

    assert client.post(f"{DOOR}/cdevents/", event("detected", "1"), format="json").status_code == 202
    assert AlertOccurrence.objects.get().incident is not None
    client.post(f"{DOOR}/cdevents/", event("detected", "1"), format="json")
    client.post(f"{DOOR}/cdevents/", event("resolved", "2"), format="json")
    assert [one.status for one in AlertOccurrence.objects.all()] == ["ended"]


def test_a_source_of_any_shape_reads_by_its_mapping(checkout: Service, api: Api, monitoring: User) -> None:
    AlertSource.objects.create(
        slug="nagios", name="Nagios", shape="generic",
        mapping={"alerts": "/events", "fingerprint": "/id", "state": "/state", "states": {"CRIT": "firing", "OK": "resolved"},
                 "title": "/text", "labels": {"service": "/svc"}},
    )  # fmt: skip
    client = api(monitoring, "alerts:write")
    body = {"events": [{"id": 7, "state": "CRIT", "text": "Load", "svc": "checkout"}, {"id": 8, "state": "?"}]}
    answer = client.post(f"{DOOR}/alerts/nagios/", body, format="json")

    assert answer.status_code == 202
    one = AlertOccurrence.objects.get()
    assert (one.fingerprint, one.title, one.service) == ("7", "Load", checkout)
    assert "?" in AlertIntake.objects.get(status="parked").reason
    assert client.post(f"{DOOR}/alerts/unknown/", body, format="json").status_code == 404


def test_too_many_alerts_are_413_and_their_head_is_parked(api: Api, monitoring: User, admin: User) -> None:
    raw = json.dumps(group(*[{"labels": {"a": str(n)}} for n in range(5_001)])).encode()
    answer = api(monitoring, "alerts:write").post(f"{DOOR}/alertmanager/", raw, content_type="application/json")

    assert answer.status_code == 413
    assert AlertIntake.objects.get().status == "parked"
