"""What is published stands in the snapshot, and is served from there."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.statuspage import snapshot
from itsm.statuspage.models import ComponentSpan, PublicUpdate
from itsm.statuspage.operations import notices, spans
from tests.itsm.statuspage.conftest import Acme

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)


def told(acme: Acme, **said: Any) -> Any:
    at = timezone.now()
    asked = {
        "title": "Payments fail", "body": "Card payments fail.", "states": {acme.shop.pk: "major_outage"},
        "at": at, **said,
    }  # fmt: skip
    return notices.publish(acme.page, actor=acme.speaker, **asked)


def summary(client: Client) -> Any:
    return json.loads(client.get("/status/acme/api/v2/summary.json").content)


def test_what_is_published_is_served_without_a_query(acme: Acme, client: Client) -> None:
    incident = told(acme, internal="INC-00042")
    assert outbox.relay(timezone.now() + SOON, lanes=[Lane.INTAKE]) >= 2
    with CaptureQueriesContext(connection) as asked:
        front = client.get("/status/acme/")
        detail = client.get(f"/status/acme/incidents/{incident.code}/")
        said = summary(client)
    assert len(asked) == 0
    assert b"Some systems do not work" in front.content
    assert b"Card payments fail." in detail.content
    assert said["status"] == {"indicator": "critical", "description": "Some systems do not work"}
    assert [one["status"] for one in said["components"]] == ["major_outage", "operational"]
    assert b"INC-00042" not in front.content + detail.content
    assert "session" not in front.cookies
    assert front["Cache-Control"] == "public, max-age=15, stale-if-error=86400"
    again = client.get("/status/acme/", headers={"If-None-Match": front["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_steps_and_states_follow_the_words(acme: Acme, client: Client) -> None:
    at = timezone.now() - 4 * SOON
    incident = told(acme, at=at)
    notices.publish_update(
        incident, actor=acme.speaker, at=at, action="identify", body="A release is rolled back.",
        states={acme.shop.pk: "partial_outage", acme.search.pk: "degraded_performance"},
    )  # fmt: skip
    snapshot.build()
    assert [one["status"] for one in summary(client)["components"]] == ["partial_outage", "degraded_performance"]
    notices.publish_update(incident, actor=acme.speaker, at=at + SOON, action="resolve", body="It works again.")
    snapshot.build()
    assert summary(client)["status"]["indicator"] == "none"
    assert not ComponentSpan.objects.filter(ended_at=None).exists()
    notices.publish_update(
        incident, actor=acme.speaker, at=at + 2 * SOON, action="investigate", body="Again.",
        states={acme.shop.pk: "major_outage"},
    )  # fmt: skip
    incident.refresh_from_db()
    assert (incident.status, incident.resolved_at) == ("investigating", None)


def test_what_is_said_by_hand_holds_over_notices(acme: Acme, client: Client) -> None:
    told(acme)
    spans.set_state(acme.shop, actor=acme.speaker, at=timezone.now(), state="operational")
    snapshot.build()
    assert summary(client)["components"][0]["status"] == "operational"
    spans.set_state(acme.shop, actor=acme.speaker, at=timezone.now(), state="")
    snapshot.build()
    assert summary(client)["components"][0]["status"] == "major_outage"


def test_bad_words_are_refused_and_nothing_is_said(acme: Acme, requester: Any, as_actor: Any) -> None:
    wrong: dict[str, Any]
    for wrong in (
        {"body": " "}, {"title": "\u200b"}, {"states": {}}, {"states": {acme.shop.pk: "operational"}},
        {"states": {10**9: "major_outage"}}, {"status": "resolved"}, {"started_at": timezone.now() + timedelta(days=1)},
        {"next_update_at": timezone.now() - SOON},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            told(acme, **wrong)
    with pytest.raises(NotPermitted):
        notices.publish(
            acme.page, actor=as_actor(requester), at=timezone.now(), title="x", body="y", states={acme.shop.pk: "major_outage"}
        )  # fmt: skip
    assert not PublicUpdate.objects.exists()
    with pytest.raises(WrongState):
        notices.publish_update(told(acme), actor=acme.speaker, at=timezone.now(), action="investigate", body="x")


def test_an_update_stays_as_it_was_said_but_can_be_taken_off(acme: Acme, client: Client) -> None:
    incident = told(acme, body="Call +49 30 1234 of Mr Example.")
    update = PublicUpdate.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        PublicUpdate.objects.filter(pk=update.pk).update(body="Nothing")
    notices.withdraw_update(update, actor=acme.speaker, at=timezone.now(), reason="A person is named.")
    snapshot.build()
    for path in ("", "history/", f"incidents/{incident.code}/", "feed.rss", "api/v2/incidents.json"):
        assert b"1234" not in client.get(f"/status/acme/{path}").content
    assert b"withdrawn" in client.get("/status/acme/").content


def test_a_page_that_is_not_for_everybody_is_in_no_snapshot(
    acme: Acme, client: Client, web: Any, requester: Any
) -> None:
    acme.page.visibility = "signed_in"
    acme.page.save()
    assert not [path for path in snapshot.public_files(timezone.now()) if "acme" in path]
    snapshot.build()
    assert client.get("/status/acme/").status_code == 404
    assert client.get("/status/acme/").content == client.get("/status/none/").content.replace(b"none", b"acme")
    assert web(requester).get("/status/acme/").status_code == 200


def test_a_key_opens_its_page_alone(acme: Acme, client: Client, manager: Any, as_actor: Any) -> None:
    from itsm.statuspage.operations import keeping

    page = keeping.create_page(actor=as_actor(manager), name="Partners", visibility="key")
    key = page.new_key  # type: ignore[attr-defined]
    assert key not in page.key_hash
    inside = client.get(f"/status/partners/~{key}/")
    assert inside.status_code == 200
    assert b'content="noindex"' in inside.content
    assert f"/status/partners/~{key}/" in client.get(f"/status/partners/~{key}/api/v2/summary.json").content.decode()
    assert client.get(f"/status/partners/~{key[:-1]}x/").status_code == 404
    assert client.get(f"/status/acme/~{key}/").status_code == 404
    assert client.get("/status/partners/").status_code == 404


def test_no_half_of_a_release_is_served(acme: Acme, client: Client, snapshot_folder: Any, rf: RequestFactory) -> None:
    snapshot.build()
    for file in (snapshot_folder / "current").iterdir():
        file.unlink()
    assert client.get("/status/acme/history/").status_code == 200  # the desk answers by itself
    for _ in range(5):
        snapshot.build()
    assert len(list((snapshot_folder / "releases").iterdir())) == 3


def test_an_open_page_of_who_speaks_publishes_and_says_only_what_changed(acme: Acme, web: Any, agent: Any) -> None:
    browser = web(agent)
    sent = {"title": "It fails", "body": "We look.", "status": "investigating", f"state_{acme.shop.pk}": "major_outage"}
    made = browser.post("/status-pages/acme/incidents/new/", sent)
    assert made.status_code == 302
    page = browser.get(made["Location"])
    assert b"We look." in page.content
    again = {"action": "identify", "body": "Found.", "version": "1", f"state_{acme.shop.pk}": "major_outage"}
    assert browser.post(made["Location"], again | {f"state_{acme.search.pk}": "partial_outage"}).status_code == 302
    assert PublicUpdate.objects.order_by("-pk")[0].states == {str(acme.search.pk): "partial_outage"}
    stale = browser.post(made["Location"], again | {"action": "monitor"})
    assert stale.status_code == 412
    assert b"Found." in stale.content
    empty = browser.post("/status-pages/acme/incidents/new/", {**sent, f"state_{acme.shop.pk}": ""})
    assert (empty.status_code, b"at least one component" in empty.content) == (400, True)
    for path in ("", "acme/", "acme/maintenance/new/"):
        assert browser.get(f"/status-pages/{path}").status_code == 200
