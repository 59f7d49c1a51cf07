"""News on devices: what a push service is sent, that only the browser reads it, and what may be seen on a locked screen."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.notifications import digests, outbox, rules, sight, wishing
from itsm.notifications.models import Delivery, Notification, PushDevice
from itsm.notifications.pushing import devices, keys, messages
from itsm.notifications.rules import Rule
from itsm.notifications.telling import tell
from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted
from tests.together import each_of

pytestmark = pytest.mark.django_db
PAGE = "/profile/devices/"


class Browser:
    """What a browser keeps of its subscription, and reads of what comes."""

    def __init__(self, endpoint: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"0123456789abcdef"
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.given: dict[str, Any] = {
            "endpoint": endpoint,
            "p256dh": keys.encoded(point),
            "auth": keys.encoded(self._auth),
        }

    def reads(self, body: bytes) -> dict[str, Any]:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return dict(json.loads(plain))


@pytest.fixture(autouse=True)
def ruled(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)
    monkeypatch.setattr(rules, "_rules", dict(rules._rules))
    monkeypatch.setattr(sight, "_sights", dict(sight._sights))
    monkeypatch.setattr(messages, "_confidential", dict(messages._confidential))
    settings.WEB_PUSH_KEY = "a secret of this desk"
    rules.register(Rule("thing.moved", "It moves", "caller"))


@pytest.fixture
def service(settings: Any) -> Iterator[Scripted]:
    with scripted() as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        server.answer = lambda asked: Reply(201)
        yield server


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", time_zone="Europe/Berlin", roles=["agent"])


def acts(user: User) -> Actor:
    return actor_for(user, Door.WEB)


@pytest.fixture
def phone(service: Scripted, ada: User) -> Browser:
    browser = Browser(f"{service.url}/send/1")
    devices.add(actor=acts(ada), name="Phone", **browser.given)
    return browser


def moved(user: User, **said: Any) -> None:
    tell("thing.moved", {"caller": [user.pk]}, "Salaries are wrong", by=None, path="/things/1/", **said)


def sent() -> int:
    return outbox.relay(timezone.now() + timedelta(seconds=1))


def test_the_browser_alone_reads_it_and_the_service_knows_who_sends(
    phone: Browser, service: Scripted, ada: User
) -> None:
    moved(ada)
    sent()
    (asked,) = service.asked
    said = phone.reads(asked.body)
    assert (said["title"], said["path"]) == ("Headroom: something new", "/things/1/")
    assert "You get this because it was opened by you or for you." in said["body"]
    assert said["why"] == "/profile/notifications/?line=thing.moved-caller#thing.moved-caller"
    assert b"Salaries" not in asked.body
    assert (asked.headers["Content-Encoding"], asked.headers["TTL"]) == ("aes128gcm", "14400")
    assert asked.headers["Urgency"] == "high"  # a locked phone is woken
    assert signed_for(asked) == service.url
    assert PushDevice.objects.get().sent_at is not None


def test_while_a_phone_is_off_a_later_word_on_a_record_takes_the_place_of_the_one_before(
    phone: Browser, service: Scripted, ada: User
) -> None:
    """By a topic that tells the push service nothing: RFC 8030, 5.4."""
    some, other = (accounts.add_team(actor=Actor.system("x"), slug=slug, name=slug) for slug in ("some", "other"))
    for record in (some, some, other, None, None):
        moved(ada, record=record)
    sent()
    topics = [asked.headers["Topic"] for asked in service.asked]
    assert topics[0] == topics[1]
    assert len(set(topics)) == 4
    assert all(re.fullmatch(r"[\w-]{32}", one) for one in topics)
    tags = [phone.reads(asked.body)["tag"] for asked in service.asked]
    assert [tags.index(one) for one in tags] == [topics.index(one) for one in topics]
    assert not any(tag in topic for tag, topic in zip(tags, topics, strict=True))


def test_a_service_is_signed_to_anew_each_hour_and_not_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.time, "time", lambda: 7_200.0)
    once, again = keys.sender_for("https://push.example/1"), keys.sender_for("https://push.example/2")
    assert once.authorization == again.authorization  # no two signatures are alike
    assert keys.sender_for("https://other.example/1").authorization != once.authorization
    monkeypatch.setattr(keys.time, "time", lambda: 10_799.0)
    assert keys.sender_for("https://push.example/1").authorization == once.authorization
    monkeypatch.setattr(keys.time, "time", lambda: 10_800.0)
    assert keys.sender_for("https://push.example/1").authorization != once.authorization


def signed_for(asked: Asked) -> str:
    """Verifies the signature as RFC 8292 has it. Returns for whom it is."""
    scheme, _, rest = asked.headers["Authorization"].partition(" ")
    said = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, said["k"]) == ("vapid", keys.public_key())
    head, body, signature = said["t"].split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.decoded(said["k"]))
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(pair, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(keys.decoded(body))
    assert claims["sub"].startswith(("mailto:", "http"))
    assert 0 < claims["exp"] - timezone.now().timestamp() < 24 * 3600
    return str(claims["aud"])


def test_titles_come_where_they_are_wished_and_never_of_what_is_confidential(
    phone: Browser, service: Scripted, ada: User
) -> None:
    device = PushDevice.objects.get()
    devices.show_content(device.pk, actor=acts(ada), shows_content=True)
    moved(ada)
    messages.keeps(User, lambda user: True)
    moved(ada, record=ada)
    sent()
    assert [phone.reads(one.body)["title"] for one in service.asked] == [
        "Salaries are wrong", f"{ada.reference}: something new",
    ]  # fmt: skip
    assert "Salaries" not in json.dumps(phone.reads(service.asked[1].body))


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_its_service_no_longer_knows_is_gone(
    status: int, phone: Browser, service: Scripted, ada: User
) -> None:
    service.answer = lambda asked: Reply(status)
    moved(ada)
    assert sent() >= 1
    assert not PushDevice.objects.exists()
    moved(ada)
    assert not Delivery.objects.filter(channel="push", delivered_at=None).exists()


@pytest.mark.parametrize("status", [429, 500, 403, 302])
def test_what_a_service_does_not_take_stays_owed(status: int, phone: Browser, service: Scripted, ada: User) -> None:
    service.answer = lambda asked: Reply(status, headers={"Location": "http://169.254.169.254/"})
    moved(ada)
    sent()
    owed = Delivery.objects.get(channel="push")
    assert (owed.delivered_at, owed.attempts) == (None, 1)
    assert str(status) in owed.last_error
    assert "vapid" not in owed.last_error


def test_what_was_read_or_is_hidden_by_now_is_not_sent(phone: Browser, service: Scripted, ada: User) -> None:
    moved(ada)
    Notification.objects.update(read_at=timezone.now())
    moved(ada, record=ada)
    sight.register("user", lambda user, told: set())
    sent()
    assert service.asked == []


def test_what_is_wished_collected_is_one_push(phone: Browser, service: Scripted, ada: User) -> None:
    wished: wishing.Wished = {(wishing.of_class("mine"), "push"): "hourly"}
    wishing.wish(ada, actor=acts(ada), wished=wished)
    for _ in range(3):
        moved(ada)
    assert not Delivery.objects.filter(channel="push").exists()
    later = timezone.now() + timedelta(hours=2)
    assert digests.collect(later) == 1
    assert digests.collect(later) == 0
    sent()
    (asked,) = service.asked
    said = phone.reads(asked.body)
    assert (said["title"], said["path"]) == ("3 pieces of news", "/notifications/")


def test_a_receipt_says_that_it_was_shown_and_nothing_else_does(
    phone: Browser, service: Scripted, ada: User, client: Client
) -> None:
    moved(ada)
    sent()
    for forged in ("", "x", "[1, 1]:abc:def"):
        assert client.post("/push/shown/", {"receipt": forged}).status_code == 204
    assert PushDevice.objects.get().shown_at is None
    receipt = phone.reads(service.asked[0].body)["receipt"]
    assert client.post("/push/shown/", {"receipt": receipt}).status_code == 204
    assert PushDevice.objects.get().shown_at is not None
    assert client.get("/push/shown/").status_code == 405


BAD = [
    ("endpoint", "https://169.254.169.254/latest/"), ("endpoint", "http://10.0.0.1/x"), ("endpoint", "ftp://a/"),
    ("endpoint", "https://[::1]/"), ("endpoint", "https://user:pw@127.0.0.1/"), ("endpoint", "not an address"),
    ("p256dh", "AAAA"), ("p256dh", "€"), ("auth", "c2hvcnQ"), ("auth", "!"),
]  # fmt: skip


@each_of(("name", "value"), BAD)
def test_what_is_no_subscription_is_refused(name: str, value: str, service: Scripted, ada: User) -> None:
    given = Browser(f"{service.url}/send/1").given | {name: value}
    with pytest.raises(InvalidInput):
        devices.add(actor=acts(ada), name="x", **given)
    assert not PushDevice.objects.exists()


def test_a_device_is_its_owners_alone(phone: Browser, ada: User, agent: User) -> None:
    device = PushDevice.objects.get()
    for refused in (devices.end, devices.attempt):
        with pytest.raises(NotFound):
            refused(device.pk, actor=acts(agent))
    with pytest.raises(NotPermitted):
        devices.end(device.pk, actor=Actor.system("x"))
    devices.add(actor=acts(agent), name="The same browser", **phone.given)
    assert PushDevice.objects.get().user == agent, "who signs in there last"
    told = Entry.objects.filter(event__startswith="user.push_device_", actor_id=agent.pk).order_by("id")
    assert [(one.event, one.record_id) for one in told] == [
        ("user.push_device_ended", ada.pk), ("user.push_device_added", agent.pk),
    ]  # fmt: skip


def test_a_new_password_and_leaving_end_the_devices(phone: Browser, ada: User, admin: User) -> None:
    ada.set_password("an old one, long ago")
    ada.save()
    accounts.change_password(
        ada, actor=acts(ada), current_password="an old one, long ago", password="a-long-new-password"
    )  # fmt: skip
    assert not PushDevice.objects.exists()
    devices.add(actor=acts(ada), name="Phone", **phone.given)
    accounts.deactivate(ada, actor=acts(admin))
    assert not PushDevice.objects.exists()


@pytest.mark.writes_behind("I16")  # left by no operation, which would have taken the device
def test_what_is_owed_to_who_left_or_to_who_had_the_browser_before_is_sent_to_nobody(
    phone: Browser, service: Scripted, ada: User, agent: User
) -> None:
    moved(ada)
    devices.add(actor=acts(agent), name="The same browser", shows_content=True, **phone.given)
    sent()
    assert service.asked == []
    moved(agent)
    User.objects.filter(pk=agent.pk).update(is_active=False)  # whatever became of the device
    sent()
    assert service.asked == []


def test_without_a_key_of_its_own_a_desk_sends_nothing_and_says_so(
    phone: Browser, service: Scripted, ada: User, settings: Any, web: Callable[[User], Client]
) -> None:
    settings.WEB_PUSH_KEY = ""
    moved(ada)
    sent()
    assert service.asked == []
    with pytest.raises(InvalidInput, match="HEADROOM_WEB_PUSH_KEY"):
        devices.add(actor=acts(ada), name="x", **phone.given)
    assert "HEADROOM_WEB_PUSH_KEY" in web(ada).get(PAGE).content.decode()


def test_the_page_adds_tries_and_ends_a_device(service: Scripted, agent: User, web: Callable[[User], Client]) -> None:
    client, browser = web(agent), Browser(f"{service.url}/send/2")
    assert "No device yet" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}add/", {"name": "Phone", **browser.given}).status_code == 302
    device = PushDevice.objects.get()
    sent()
    assert browser.reads(service.asked[0].body)["title"] == "It works"
    assert client.post(f"{PAGE}{device.pk}/titles/").status_code == 302
    assert PushDevice.objects.get().shows_content
    assert client.post(f"{PAGE}{device.pk}/end/").status_code == 302
    assert client.post(f"{PAGE}{device.pk}/end/").status_code == 404
    assert not PushDevice.objects.exists()
    assert client.post(f"{PAGE}add/", {"name": "x"}).status_code == 400


def test_rest_does_the_same(service: Scripted, agent: User, engineer: User, api: Callable[..., APIClient]) -> None:
    client, address = api(agent), "/api/v1/me/push-devices/"
    body = {"name": "Phone", **Browser(f"{service.url}/send/3").given}
    made = client.post(address, body, format="json")
    assert made.status_code == 201, made.json()
    assert "p256dh" not in made.json()
    one = f"{address}{made.json()['id']}/"
    assert client.patch(one, {"shows_content": True}, format="json").json()["shows_content"]
    assert api(engineer).get(one).status_code == 404
    assert api(engineer).delete(one).status_code == 404
    assert client.delete(one).status_code == 204
    assert client.get(address).json()["results"] == []
    private = client.post(address, body | {"endpoint": "https://10.0.0.1/x"}, format="json")
    assert private.status_code == 400
    assert urlsplit(private.json()["type"]).path == "/problems/invalid-input"
