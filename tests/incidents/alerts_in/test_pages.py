"""Pages of alerts: what fires, what lies parked, sources that try a body, rules with a bench, what is quiet."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from catalog.models import Service
from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertSource, Quiet, RoutingVersion
from incidents.alerts_in.operations import bodies, quiets
from incidents.alerts_in.rules import written
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from tests.incidents.alerts_in.conftest import Say, alert, group

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
RULES = "Disks: alertname one of Disk, Inodes -> priority 3, settle 10\nTests: environment is test and severity exists -> drop"


def test_the_stream_shows_what_fires_and_where_it_went(
    web: Web, agent: User, requester: User, checkout: Service, say: Say, night: datetime
) -> None:
    assert "How to connect" not in web(agent).get("/alerts/").content.decode()  # there is a source
    say(alert(start=night), alert("Old", start=night, end=night + timedelta(minutes=1)), at=night)
    client = web(agent)
    page = client.get("/alerts/").content.decode()
    assert "Slow on checkout" in page
    assert "Old on checkout" not in page
    assert "Old on checkout" in client.get("/alerts/?tab=all").content.decode()

    one = AlertOccurrence.objects.get(status="firing")
    assert one.incident is not None
    assert one.incident.reference in client.get(f"/alerts/{one.pk}/").content.decode()
    assert "Slow on checkout" in client.get(f"/alerts/of/{one.incident.reference}/").content.decode()
    assert web(requester).get("/alerts/").status_code == 403


def test_a_parked_body_is_tried_again_once_the_mapping_is_mended(
    web: Web, manager: User, checkout: Service, night: datetime
) -> None:
    source = AlertSource.objects.create(slug="nagios", name="Nagios", shape="generic", mapping={"title": "/name"})
    kept = bodies.keep(source, b'{"events": [{"name": "Load", "svc": "checkout"}]}', at=night, parked="no events")
    client = web(manager)
    assert "no events" in client.get("/alerts/parked/").content.decode()
    assert "Load" in client.get(f"/alerts/parked/{kept.pk}/").content.decode()

    source.mapping = {"alerts": "/events", "title": "/name", "labels": {"service": "/svc"}}
    source.save()
    client.post(f"/alerts/parked/{kept.pk}/decide/", {"how": "retry"})
    kept.refresh_from_db()
    assert kept.status == "applied"
    assert AlertOccurrence.objects.get().service == checkout


def test_discarding_makes_nothing_of_it(
    web: Web, manager: User, agent: User, source: AlertSource, night: datetime
) -> None:
    kept = bodies.keep(source, b"{}", at=night, parked="?")
    assert web(agent).post(f"/alerts/parked/{kept.pk}/decide/", {"how": "discard"}).status_code == 403
    web(manager).post(f"/alerts/parked/{kept.pk}/decide/", {"how": "discard"})
    assert AlertIntake.objects.get().status == "discarded"


def test_a_source_is_tried_with_a_pasted_body_before_it_is_kept(web: Web, manager: User, checkout: Service) -> None:
    typed = {
        "slug": "nagios", "name": "Nagios", "shape": "generic", "group_by": "check", "service_label": "service",
        "environment_label": "environment",
        "mapping": json.dumps({"alerts": "/events", "title": "/name", "labels": {"service": "/svc"}}),
        "body": json.dumps({"events": [{"name": "Load", "svc": "checkout"}]}),
    }  # fmt: skip
    client = web(manager)
    tried = client.post("/alerts/sources/new/", {**typed, "how": "try"}).content.decode()
    assert "Load" in tried
    assert "Checkout" in tried
    assert not AlertSource.objects.filter(slug="nagios").exists()

    wrong = client.post("/alerts/sources/new/", {**typed, "mapping": '{"title": "name"}', "how": "try"})
    assert (wrong.status_code, "no JSON pointer" in wrong.content.decode()) == (422, True)

    client.post("/alerts/sources/new/", {**typed, "how": "save"})
    assert AlertSource.objects.get(slug="nagios").group_by == ["check"]


def test_rules_are_proposed_tried_and_hold_once_a_second_person_confirms(
    web: Web, manager: User, admin: User, as_actor: Callable[..., Actor], checkout: Service, source: AlertSource,
    say: Say, night: datetime,
) -> None:  # fmt: skip
    client = web(manager)
    body = json.dumps(group(alert("Inodes")))
    page = client.post("/alerts/routing/bench/", {"source": source.slug, "body": body, "rules": RULES}).content.decode()
    assert "1. Disks" in page
    assert not RoutingVersion.objects.filter(version=2).exists()

    client.post("/alerts/routing/", {"rules": RULES, "reason": "Disks are theirs", "version": 1})
    asked = Confirmation.objects.get()
    assert [one["what"] for one in asked.differences] == ["Disks", "Tests"]
    say(alert("Disk", start=night), at=night)
    assert AlertOccurrence.objects.get().priority == 2  # they do not hold yet

    confirming.confirm(asked, actor=as_actor(admin), at=night, version=asked.version)
    assert RoutingVersion.objects.get(version=2).rules == written.read(RULES)
    say(alert("Inodes", start=night), alert("X", start=night, environment="test"), at=night)
    assert list(AlertOccurrence.objects.order_by("pk").values_list("priority", "settle")) == [(2, None), (3, 10)]


@pytest.mark.parametrize(
    "text", ["Disks", "Disks: a -> drop", "Disks: a is b", "D: a is b -> fly", "D: a is b -> priority x"]
)
def test_a_line_that_is_no_rule_says_which(text: str) -> None:
    with pytest.raises(written.Unreadable, match="Line 1"):
        written.read(text)


def test_rules_read_as_they_are_written() -> None:
    assert written.write(written.read(RULES)) == RULES
    odd = [{"name": "a: b", "when": [{"label": "x", "is": "equals", "value": "1 and 2"}], "then": {"drop": True}}]
    assert written.read(written.write(odd)) == odd


def test_a_quiet_is_lifted_on_its_page(web: Web, agent: User, checkout: Service, night: datetime) -> None:
    quiets.plan(
        change_reference="CHG-00017", services=[checkout.pk], environment="production", starts_at=night,
        ends_at=night + timedelta(hours=2),
    )  # fmt: skip
    quiets.activate("CHG-00017", at=night)
    client = web(agent)
    assert "CHG-00017" in client.get("/alerts/quiets/").content.decode()
    client.post(f"/alerts/quiets/{Quiet.objects.get().pk}/lift/")
    assert Quiet.objects.get().status == "lifted"
