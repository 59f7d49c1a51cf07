"""What an administrator sets without a restart: at once, in every process, audited; more takes two administrators."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.administration import operations
from itsm.api.proxies import TrustedProxies
from itsm.approvals import confirming
from itsm.audit.models import Entry
from itsm.configuration import reading
from itsm.configuration.models import Setting
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion
from itsm.notifications.addresses import OutgoingRefused, permitted_address
from itsm.notifications.models import Delivery
from itsm.notifications.notifying import notify, send_mail
from tests.factories.slo import T0
from tests.together import each_of

pytestmark = pytest.mark.django_db
OPERATOR = Actor.system("tests", Door.COMMAND)
PASSWORD = "a long enough sentence"


@pytest.fixture(autouse=True)
def read_at_every_look(settings: Any) -> Iterator[None]:
    settings.CONFIGURATION_SECONDS = 0.0
    reading.forget()
    yield
    reading._kept.values = {}
    reading.forget()


@pytest.fixture
def boss(admin: User) -> Actor:
    return actor_for(admin, Door.WEB)


def put(name: str, value: Any, actor: Actor = OPERATOR, **more: Any) -> Setting:
    setting = operations.setting_called(name)
    return operations.set_setting(setting, value, actor=actor, version=setting.version, **more)


def test_a_private_address_is_reached_from_the_moment_that_it_is_allowed() -> None:
    with pytest.raises(OutgoingRefused, match="Settings"):
        permitted_address("127.0.0.1", 9090)
    put("outgoing_allow", ["127.0.0.1:9090"])
    assert permitted_address("127.0.0.1", 9090) == "127.0.0.1"
    with pytest.raises(OutgoingRefused):
        permitted_address("127.0.0.1", 9091)
    put("outgoing_allow", [])
    with pytest.raises(OutgoingRefused):
        permitted_address("127.0.0.1", 9090)


def test_a_proxy_is_believed_from_the_moment_that_it_is_named() -> None:
    def client_of() -> str:
        request, seen = HttpRequest(), {}
        request.META = {"REMOTE_ADDR": "192.0.2.10", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}

        def look(request: HttpRequest) -> HttpResponse:
            seen.update(request.META)
            return HttpResponse()

        middleware(look)(request)
        return str(seen["REMOTE_ADDR"])

    middleware = TrustedProxies
    assert client_of() == "192.0.2.10"
    put("trusted_proxies", ["192.0.2.0/24"])
    assert client_of() == "203.0.113.7"
    put("trusted_proxies", None)
    assert client_of() == "192.0.2.10"


def test_mail_comes_from_whom_is_named_now() -> None:
    put("email_from", "Desk <desk@shop.example>")
    ada = User.objects.create(username="ada", email="ada@shop.example")
    notify([ada], "News")
    send_mail(Delivery.objects.get())
    assert mail.outbox[-1].from_email == "Desk <desk@shop.example>"


def test_the_environment_gives_the_default_and_is_named(settings: Any, api: Any, admin: User) -> None:
    settings.OUTGOING_ALLOW = ["prom.internal:9090"]
    shown = api(admin).get("/api/v1/settings/outgoing_allow/").json()
    assert (shown["value"], shown["default"]) == (["prom.internal:9090"], ["prom.internal:9090"])
    assert (shown["source"], shown["variable"]) == ("variable", "HEADROOM_OUTGOING_ALLOW")
    put("outgoing_allow", ["10.0.0.0/8"])
    shown = api(admin).get("/api/v1/settings/outgoing_allow/").json()
    assert (shown["value"], shown["default"], shown["source"]) == (["10.0.0.0/8"], ["prom.internal:9090"], "desk")
    put("outgoing_allow", None)
    assert reading.outgoing_allow() == ["prom.internal:9090"]


def test_every_change_is_in_the_history_with_old_and_new(boss: Actor) -> None:
    put("email_from", "desk@shop.example", boss)
    put("email_from", "other@shop.example", boss)
    entry = Entry.objects.filter(record_kind="setting").first()
    assert entry is not None
    assert (entry.event, entry.changes["value"]) == ("setting.edited", ["desk@shop.example", "other@shop.example"])


@each_of(
    ("name", "value"),
    [
        ("outgoing_allow", ["nonsense"]), ("outgoing_allow", ["host:0"]), ("outgoing_allow", ["host:70000"]),
        ("outgoing_allow", ["10.0.0.1/8"]), ("outgoing_allow", [7]), ("outgoing_allow", {"a": 1}),
        ("outgoing_allow", ["a:1"] * 201), ("trusted_proxies", ["proxy.example"]), ("trusted_proxies", ["10.1.0.0/99"]),
        ("email_from", "nobody"), ("email_from", "a@b.example\nBcc: c@d.example"), ("email_from", 7),
        ("email_host", "http://x"), ("email_host", "x:25"), ("email_port", 0), ("email_port", 70_000),
        ("email_port", True), ("email_tls", "perhaps"), ("email_user", "a\nb"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput):
        put(name, value)
    assert Setting.objects.get(name=name).value is None


class TestMoreThanBefore:
    """To let more be reached or trusted is another person's to confirm; less holds at once."""

    @pytest.fixture
    def second(self, db: None) -> Actor:
        user = accounts.add_user(actor=OPERATOR, username="second", roles=["admin"], password=PASSWORD)
        return actor_for(user, Door.WEB)

    @pytest.mark.parametrize("name", ["outgoing_allow", "trusted_proxies"])
    def test_two_administrators_where_there_are_two(self, name: str, boss: Actor, second: Actor) -> None:
        waits = put(name, ["10.0.0.0/8"], boss, confirmed=True).awaits
        assert waits is not None
        assert Setting.objects.get(name=name).value is None
        with pytest.raises(NotPermitted):
            confirming.confirm(waits, actor=boss, at=T0, version=1)
        confirming.confirm(waits, actor=second, at=T0, version=1)
        assert Setting.objects.get(name=name).value == ["10.0.0.0/8"]
        assert put(name, ["10.1.0.0/16"], boss).awaits is None, "a part of what was allowed"
        assert put(name, [], boss).awaits is None

    def test_others_than_administrators_do_not_confirm(self, boss: Actor, second: Actor, manager: User) -> None:
        waits = put("outgoing_allow", ["10.0.0.0/8"], boss).awaits
        with pytest.raises(NotPermitted):
            confirming.confirm(waits, actor=actor_for(manager, Door.WEB), at=T0, version=1)

    def test_one_alone_says_that_it_is_meant(self, boss: Actor) -> None:
        with pytest.raises(InvalidInput, match="confirm"):
            put("outgoing_allow", ["10.0.0.0/8"], boss)
        assert put("outgoing_allow", ["10.0.0.0/8"], boss, confirmed=True).value == ["10.0.0.0/8"]

    def test_another_mail_server_is_more_as_well(self, boss: Actor, second: Actor) -> None:
        assert put("email_host", "mail.elsewhere.example", boss).awaits is not None
        assert put("email_host", "", boss).awaits is None
        assert put("email_port", 6379, boss).awaits is not None

    def test_so_is_mail_that_others_read_on_its_way(self, boss: Actor, second: Actor) -> None:
        assert put("email_tls", True, boss).awaits is None
        assert put("email_tls", False, boss).awaits is not None

    def test_what_was_confirmed_is_what_was_shown(self, boss: Actor, second: Actor) -> None:
        waits = put("outgoing_allow", ["10.0.0.0/8"], boss).awaits
        put("outgoing_allow", ["192.168.0.0/16"])
        with pytest.raises(StaleVersion):
            confirming.confirm(waits, actor=second, at=T0, version=1)


@pytest.mark.parametrize("role", ["engineer", "manager", "owner", "auditor", "pipeline"])
def test_others_than_administrators_neither_see_nor_set(role: str, request: Any, api: Any) -> None:
    user = request.getfixturevalue(role)
    with pytest.raises(NotPermitted):
        put("email_from", "x@y.example", actor_for(user, Door.WEB))
    assert api(user).get("/api/v1/settings/").status_code == 403


class TestReading:
    def test_one_small_query_a_second_whatever_is_asked(self, settings: Any, django_assert_num_queries: Any) -> None:
        settings.CONFIGURATION_SECONDS = 3600.0
        reading.forget()
        with django_assert_num_queries(1):
            for _ in range(100):
                reading.outgoing_allow()
                reading.trusted_proxies()

    def test_without_an_answer_what_was_read_last_holds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        put("outgoing_allow", ["10.0.0.0/8"])
        assert reading.outgoing_allow() == ["10.0.0.0/8"]

        def away() -> dict[str, Any]:
            raise DatabaseError("away")

        monkeypatch.setattr(reading, "_read", away)
        assert reading.outgoing_allow() == ["10.0.0.0/8"]

    def test_a_request_without_forwarding_headers_asks_nothing(self, django_assert_num_queries: Any) -> None:
        request = HttpRequest()
        request.META = {"REMOTE_ADDR": "192.0.2.1"}
        with django_assert_num_queries(0):
            TrustedProxies(lambda _request: HttpResponse())(request)


class TestDoors:
    def test_rest_sets_with_the_version_that_was_read(self, api: Any, admin: User) -> None:
        client, address = api(admin), "/api/v1/settings/outgoing_allow/"
        assert client.patch(address, {"value": ["10.0.0.0/8"], "confirm": True}, format="json").status_code == 428
        refused = client.patch(address, {"value": ["10.0.0.0/8"]}, format="json", HTTP_IF_MATCH='"1"')
        assert refused.status_code == 400
        done = client.patch(address, {"value": ["10.0.0.0/8"], "confirm": True}, format="json", HTTP_IF_MATCH='"1"')
        assert (done.status_code, done.json()["value"], done["ETag"]) == (200, ["10.0.0.0/8"], '"2"')

    def test_no_secret_is_ever_shown(self, settings: Any, api: Any, web: Any, admin: User) -> None:
        settings.EMAIL_HOST_PASSWORD = settings.SECRET_KEY = "not-for-your-eyes"
        assert "not-for-your-eyes" not in api(admin).get("/api/v1/settings/").content.decode()
        assert "not-for-your-eyes" not in web(admin).get("/settings/").content.decode()

    def test_the_page_sets_and_takes_the_default_again(self, web: Any, admin: User) -> None:
        client = web(admin)
        page = client.get("/settings/").content.decode()
        assert "HEADROOM_OUTGOING_ALLOW" in page
        sent = {"name": "outgoing_allow", "value": "10.0.0.0/8\nprom:9090", "version": 1}
        assert client.post("/settings/", sent).status_code == 400
        assert client.post("/settings/", sent | {"confirm": "on"}).status_code == 302
        assert Setting.objects.get(name="outgoing_allow").value == ["10.0.0.0/8", "prom:9090"]
        assert client.post("/settings/", {"name": "email_tls", "value": "on", "version": 1}).status_code == 302
        assert Setting.objects.get(name="email_tls").value is True
        assert (
            client.post("/settings/", {"name": "email_tls", "version": 2, "default": "1", "confirm": "on"}).status_code
            == 302
        )
        assert Setting.objects.get(name="email_tls").value is None

    def test_the_page_offers_what_somebody_came_to_allow(self, web: Any, admin: User) -> None:
        page = web(admin).get("/settings/?allow=10.0.0.5:9090").content.decode()
        assert "10.0.0.5:9090</textarea>" in page
        assert reading.outgoing_allow() == [], "offered, not allowed"

    def test_the_command_lists_sets_and_resets(self, capsys: Any) -> None:
        call_command("setting", "set", "outgoing_allow", "10.0.0.0/8", "prom:9090")
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {"name": "outgoing_allow", "value": ["10.0.0.0/8", "prom:9090"], "source": "desk"} in lines
        call_command("setting", "reset", "outgoing_allow")
        with pytest.raises(CommandError, match="known are"):
            call_command("setting", "set", "nothing", "x")
