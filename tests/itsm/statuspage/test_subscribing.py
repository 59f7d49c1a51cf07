"""Double opt-in, one click out, and each is told of what they asked for alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Delivery
from itsm.statuspage import tokens
from itsm.statuspage.models import Subscriber
from itsm.statuspage.operations import notices, subscribing
from itsm.statuspage.operations.maintenance import plan_maintenance
from itsm.statuspage.operations.owing import MAIL
from tests.itsm.statuspage.conftest import Acme
from tests.together import each_of

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=1)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def kept_mails(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def leaves() -> list[Any]:
    """What leaves by mail now."""
    mail.outbox.clear()
    outbox.relay(timezone.now() + LATER, lanes=[Lane.INTAKE])
    outbox.relay(timezone.now() + LATER, limit=500, lanes=[Lane.MAIL])
    return list(mail.outbox)


def asks(client: Client, address: str, *components: Any) -> Any:
    sent: dict[str, Any] = {"address": address}
    sent |= {"component": [one.code for one in components]} if components else {}
    return client.post("/status/acme/subscribe/", sent)


def subscribed(acme: Acme, address: str, *components: Any) -> Subscriber:
    at = timezone.now()
    subscribing.subscribe(
        acme.page, address=address, everything=not components, components=[one.code for one in components], at=at
    )
    return subscribing.confirm(Subscriber.objects.get(address=address), at=at)


def publish(acme: Acme, component: Any) -> Any:
    return notices.publish(
        acme.page, actor=acme.speaker, at=timezone.now(), title="It fails", body="Card payments fail.",
        states={component.pk: "major_outage"},
    )  # fmt: skip


def test_the_whole_way_in_and_out_without_a_cookie(acme: Acme, client: Client) -> None:
    client.handler.enforce_csrf_checks = True
    assert asks(client, "Ann@Example.org").status_code == 202
    (asked,) = leaves()
    assert asked.to == ["ann@example.org"]
    path = re.search(r"/status/confirm/[^\s]+", asked.body)
    assert path
    assert client.get(path[0]).status_code == 200
    assert Subscriber.objects.get().confirmed_at is None  # looking says nothing
    assert client.post(path[0]).status_code == 200
    assert client.post(path[0]).status_code == client.get(path[0]).status_code == 404  # used
    publish(acme, acme.shop)
    (told,) = leaves()
    assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = told.extra_headers["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]
    assert client.get(f"/{leave}").status_code == 200
    assert Subscriber.objects.exists()
    gone = client.post(f"/{leave}", ONE_CLICK)
    assert (gone.status_code, gone.cookies, gone.get("Location")) == (200, {}, None)
    assert not Subscriber.objects.exists()
    assert client.post(f"/{leave}", ONE_CLICK).status_code == 404


def test_who_asked_about_one_component_is_told_nothing_of_another(acme: Acme) -> None:
    subscribed(acme, "shop@example.org", acme.shop)
    subscribed(acme, "search@example.org", acme.search)
    subscribed(acme, "all@example.org")
    leaves()
    incident = publish(acme, acme.shop)
    assert {one.to[0] for one in leaves()} == {"shop@example.org", "all@example.org"}
    notices.publish_update(
        incident, actor=acme.speaker, at=timezone.now(), action="identify", body="Search suffers too.",
        states={acme.search.pk: "degraded_performance"},
    )  # fmt: skip
    by = {one.to[0]: one for one in leaves()}
    assert set(by) == {"shop@example.org", "search@example.org", "all@example.org"}
    assert "Shop" not in by["search@example.org"].body
    assert "Search" in by["search@example.org"].body


def test_an_address_that_never_said_yes_is_told_nothing(acme: Acme, client: Client) -> None:
    asks(client, "ann@example.org")
    assert [one.to for one in leaves()] == [["ann@example.org"]], "asked once whether it wants to"
    publish(acme, acme.shop)
    assert leaves() == []
    assert not Delivery.objects.filter(channel=MAIL, payload__has_key="update").exists(), "nor is anything owed to it"


def test_nobody_is_told_twice_of_one_update(acme: Acme) -> None:
    subscribed(acme, "both@example.org", acme.shop, acme.search)
    leaves()
    publish(acme, acme.shop)
    update = Delivery.objects.get(channel="status-telling")
    assert len(leaves()) == 1
    Delivery.objects.filter(pk=update.pk).update(delivered_at=None)  # as after a crash
    assert leaves() == []


def test_forged_late_and_unconfirmed_links_lead_nowhere(acme: Acme, client: Client) -> None:
    at = timezone.now()
    subscribing.subscribe(acme.page, address="a@example.org", everything=True, components=[], at=at)
    waiting = Subscriber.objects.get()
    confirm, leave = tokens.confirmation(waiting), tokens.unsubscription(waiting)
    for path in (
        f"unsubscribe/{leave}", f"confirm/{leave}", f"unsubscribe/{confirm}", f"confirm/{confirm[:-1]}_",
        f"confirm/{waiting.pk}:AAAAAAAAAAAA", "confirm/aaaaaaaaaaaa",
    ):  # fmt: skip
        assert client.get(f"/status/{path}/").status_code == 404
        assert client.post(f"/status/{path}/", ONE_CLICK).status_code == 404
    Subscriber.objects.update(asked_at=at - timedelta(hours=48, seconds=1))
    assert client.post(f"/status/confirm/{confirm}/").status_code == 404
    assert subscribing.forget_unconfirmed(at) == 1
    nobody = client.get(f"/status/confirm/{confirm}/").content
    assert nobody == client.get("/status/confirm/aaaaaaaaaaaa/").content


def test_who_is_subscribed_is_nobodys_to_learn_and_nobody_is_flooded(acme: Acme, client: Client) -> None:
    subscribed(acme, "known@example.org")
    leaves()
    said = [asks(client, one).content for one in ("known@example.org", "new@example.org")]
    alike = {re.sub(rb"<time [^>]*data-made>[^<]*</time>", b"", one) for one in said}  # the minute goes on meanwhile
    assert len(alike) == 1
    assert {one.to[0] for one in leaves()} == {"known@example.org", "new@example.org"}
    for _ in range(9):
        assert asks(client, "new@example.org").status_code == 202
    assert len(leaves()) == subscribing.MOST_ASKS - 1
    for number in range(subscribing.MOST_FROM + 5):
        assert asks(client, f"n{number}@example.org").status_code == 202
    assert len(leaves()) < subscribing.MOST_FROM


@each_of("address", ["", "nobody", "a@b", "a@example.org\nBcc: b@example.org", "x" * 400])
def test_what_is_no_address_is_refused_in_words(acme: Acme, client: Client, address: str) -> None:
    refused = asks(client, address)
    assert refused.status_code == 400
    assert b"This is no mail address." in refused.content
    assert not Subscriber.objects.exists()


def test_a_component_that_no_database_takes_is_refused(acme: Acme, client: Client) -> None:
    answer = client.post("/status/acme/subscribe/", {"address": "ada@example.com", "component": "a\0b"})
    assert answer.status_code == 400
    assert not Subscriber.objects.exists()


def test_an_address_that_no_mail_reaches_is_refused(acme: Acme, client: Client) -> None:
    answer = asks(client, f"{'a' * 200}@{'b' * 60}.example.com")
    assert answer.status_code == 400
    assert not Subscriber.objects.exists()


def test_a_mail_about_planned_work_says_when_it_is_on_the_pages_clocks(acme: Acme) -> None:
    subscribed(acme, "shop@example.org", acme.shop)
    leaves()
    plan_maintenance(
        acme.page, actor=acme.speaker, at=datetime(2026, 11, 2, 9, tzinfo=UTC), title="New disks", body="Orders wait.",
        components=[acme.shop.pk], starts_at=datetime(2026, 11, 3, 1, tzinfo=UTC),
        ends_at=datetime(2026, 11, 3, 2, 30, tzinfo=UTC),
    )  # fmt: skip
    (told,) = leaves()
    for words in (told.body, told.alternatives[0][0]):
        assert "Tue 3 Nov 2026 02:00 – Tue 3 Nov 2026 03:30 CET" in words
