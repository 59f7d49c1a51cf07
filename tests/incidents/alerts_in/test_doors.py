"""The doors: each in its own words, kept before anything is made of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Service
from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertSource, AlertTally
from incidents.alerts_in.operations import bodies, receiving, retention
from incidents.incident.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks import late
from itsm.notifications.models import Notification
from tests.api.world import token_of
from tests.incidents.alerts_in.conftest import Say, alert, group
from tests.together import each_of

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


def test_a_bad_one_among_good_ones_is_parked_alone(checkout: Service, api: Api, monitoring: User, admin: User) -> None:
    bad = {**alert(), "startsAt": "yesterday"}
    answer = api(monitoring, "alerts:write").post(f"{DOOR}/alertmanager/", group(alert(), bad), format="json")

    assert answer.json()["applied"]
    assert AlertOccurrence.objects.count() == 1
    parked = AlertIntake.objects.get(status="parked")
    assert "yesterday" in parked.reason
    told = Notification.objects.filter(to=admin)
    assert [str(one.subject) for one in told] == ["Prometheus Alertmanager sends alerts that cannot be read"]


@pytest.mark.parametrize("odd", [r"\u0000", r"\ud800", r"\udc00x"])
def test_a_sign_that_no_database_keeps_silences_no_alert(
    odd: str, checkout: Service, api: Api, monitoring: User
) -> None:
    body = json.dumps(group(alert("Fine"), alert("Odd", pod="SIGN"), alert("Escaped", pod=r"a\u0000b")))
    answer = api(monitoring, "alerts:write").post(
        f"{DOOR}/alertmanager/", body.replace("SIGN", odd).encode(), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["applied"]) == (202, True)
    pods = dict(AlertOccurrence.objects.values_list("labels__alertname", "labels__pod"))
    assert pods["Odd"][0] == "\ufffd"
    assert (set(pods), pods["Escaped"]) == ({"Fine", "Odd", "Escaped"}, r"a\u0000b")


@each_of("body", ["", "nonsense", "[]", "{}", '{"alerts": 7}', "[" * 40 + "]" * 40, '{"alerts": NaN}'])
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
    assert [one.to for one in Notification.objects.all()] == [admin]
    api(monitoring, "alerts:write").post(f"{DOOR}/alertmanager/", raw, content_type="application/json")
    assert Notification.objects.count() == 1  # once an hour


def test_above_the_limits_it_is_503_and_later_all_is_there(
    checkout: Service, api: Api, monitoring: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(monitoring, "alerts:write")
    monkeypatch.setattr(receiving, "MOST_AT_ONCE", 2)
    answers = [
        client.post(f"{DOOR}/alertmanager/", group(alert(instance=str(n))), format="json") for n in range(5)
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [202, 202, 202, 503, 503]
    assert int(answers[3]["Retry-After"]) > 0
    assert AlertTally.objects.get(what="refused").count == 2

    monkeypatch.setattr(receiving, "MOST_AT_ONCE", 2_000)
    for n in range(3, 5):  # as Alertmanager does
        client.post(f"{DOOR}/alertmanager/", group(alert(instance=str(n))), format="json")
    assert AlertOccurrence.objects.count() == 5


def test_what_waits_is_applied_by_the_watch_where_nobody_else_did(
    checkout: Service, source: AlertSource, night: datetime
) -> None:
    bodies.keep(source, json.dumps(group(alert(start=night))).encode(), at=night, alerts=1)
    bodies.keep(source, b'{"alerts": 7}', at=night, alerts=1)
    round = late.look(night + timedelta(minutes=2))
    assert (round.found["alert_bodies"], round.left["alert_bodies"]) == (2, 0)
    assert AlertOccurrence.objects.get().incident is not None
    assert AlertIntake.objects.get(status="parked").reason


def test_what_is_old_goes_and_what_is_parked_or_in_an_incident_stays(
    checkout: Service, source: AlertSource, say: Say, night: datetime
) -> None:
    long_ago = night - timedelta(days=401)
    said: dict[str, Any] = {"source": source, "group_key": "x", "seen_at": long_ago, "received_at": long_ago}
    AlertOccurrence.objects.create(
        fingerprint="1", started_at=long_ago, ended_at=long_ago, status="ended", title="Old", **said
    )  # fmt: skip
    say(alert(start=night), at=night)
    AlertOccurrence.objects.filter(incident__isnull=False).update(received_at=long_ago)
    for days, why in ((15, ""), (15, "parked"), (91, "parked")):
        kept = bodies.keep(source, b"{}", at=night - timedelta(days=days), parked=why)
        AlertIntake.objects.filter(pk=kept.pk, status="new").update(status="applied")

    retention.purge(at=night)
    assert [one.title for one in AlertOccurrence.objects.all()] == ["Slow on checkout"]
    assert AlertIntake.objects.filter(received_at__lt=night).count() == 1


@pytest.mark.parametrize(("counts", "status"), [(False, "new"), (True, "in_progress")])
def test_an_acknowledgement_elsewhere_is_a_note_unless_the_source_may(
    counts: bool, status: str, checkout: Service, monitoring: User, api: Api
) -> None:
    AlertSource.objects.create(slug="pd", name="PD", shape="pagerduty", may_acknowledge=counts)
    client = api(monitoring, "alerts:write")
    event: dict[str, Any] = {
        "event_action": "trigger", "dedup_key": "disk", "client": "Ada",
        "payload": {"summary": "Disk full", "source": "db1", "custom_details": {"service": "checkout"}},
    }  # fmt: skip
    client.post(f"{DOOR}/pagerduty/v2/enqueue", event, format="json")
    client.post(f"{DOOR}/pagerduty/v2/enqueue", {**event, "event_action": "acknowledge"}, format="json")

    incident = Incident.objects.get()
    assert (incident.status, AlertOccurrence.objects.get().acknowledged_by) == (status, "Ada")
    noted = Entry.objects.filter(event="incident.alert_acknowledged", record_id=incident.pk)
    assert noted.exists() is not counts


@pytest.mark.parametrize("odd", [[], 0, False, ""], ids=repr)
def test_what_is_no_mapping_empties_none(odd: Any, api: Api, admin: User) -> None:
    client, path = api(admin, "incidents:write"), "/api/v1/alert-sources/"
    new = {"slug": "probe", "name": "Probe", "shape": "generic", "mapping": {"title": "/name"}}
    made = client.post(path, new, format="json")
    answer = client.patch(f"{path}probe/", {"mapping": odd}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert (answer.status_code, AlertSource.objects.get().mapping) == (400, {"title": "/name"})
    emptied = client.patch(f"{path}probe/", {"mapping": None}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert (emptied.status_code, AlertSource.objects.get().mapping) == (200, {})
    assert client.post(f"{path}probe/bench/", {"mapping": odd, "body": {}}, format="json").status_code == 400
    assert client.post(f"{path}probe/bench/", {"mapping": {}, "body": {}}, format="json").status_code == 200
