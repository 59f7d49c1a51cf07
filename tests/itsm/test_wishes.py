"""What reaches a person: by rule and wish, outside of quiet hours, collected once; and nothing that they may not read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from rest_framework.test import APIClient

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications import digests, outbox, rules, sight, wishes, wishing
from itsm.notifications.models import Collecting, Delivery, Notification, RuleDefault, Wish
from itsm.notifications.rules import Rule
from itsm.notifications.telling import tell
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 28, 21, 10, tzinfo=UTC)  # 22:10 in Berlin
NO_RHYTHM: dict[str, Any] = {"quiet_from": None, "quiet_until": None}


@pytest.fixture(autouse=True)
def ruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)
    monkeypatch.setattr(rules, "_rules", dict(rules._rules))
    monkeypatch.setattr(sight, "_sights", dict(sight._sights))
    rules.register(
        Rule("thing.moved", "It moves", "caller"),
        Rule("thing.moved", "It moves", "team", default="daily"),
        Rule("thing.moved", "It moves", "watcher", default="off"),
        Rule("thing.opened_up", "It is opened up", "lead", duty=True),
    )


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink() as listening:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        yield listening


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", email="ada@example.com", time_zone="Europe/Berlin", roles=["agent"])


def wish(user: User, relation: str, how: str | None, event: str = "thing.moved", channel: str = "mail") -> None:
    line = wishing.of_rule(event, relation)
    wishing.wish(user, actor=actor_for(user, Door.WEB), wished={(line, channel): how})


def wish_all(user: User, news: str, how: str | None, channel: str = "mail") -> None:
    wishing.wish(user, actor=actor_for(user, Door.WEB), wished={(wishing.of_class(news), channel): how})


def sleeps(user: User) -> None:
    wishing.set_quiet(user, actor=actor_for(user, Door.WEB), quiet_from=time(20), quiet_until=time(7))


def moved(user: User, *relations: str, **said: Any) -> int:
    concerned = {one: [user.pk] for one in relations}
    return tell("thing.moved", concerned, "It moved", **{"by": None, "path": "/things/1/", **said})


def test_one_mail_a_person_however_many_relations_and_it_says_why(sink: Sink, ada: User) -> None:
    assert moved(ada, "team", "caller", "watcher") == 1
    outbox.relay(timezone.now() + timedelta(seconds=1))
    ((_, mail),) = sink.mails
    text = mail.get_payload(0).get_payload()
    assert "You get this because it was opened by you or for you." in text
    assert "/profile/notifications/" in text
    assert Notification.objects.get().why.startswith("You get this because")


def test_nobody_hears_of_their_own_deed_and_nobody_of_what_no_rule_names(ada: User) -> None:
    assert moved(ada, "caller", by=ada.pk) == 0
    assert tell("thing.burned", {"caller": [ada.pk]}, "It burns", by=None) == 0
    assert tell("thing.moved", {"lead": [ada.pk, None]}, "It moved", by=None) == 0
    assert not Notification.objects.exists()


def test_what_is_wished_off_only_rings_and_a_duty_is_mailed_all_the_same(ada: User) -> None:
    wish(ada, "caller", "off")
    assert moved(ada, "caller") == 1
    assert not Delivery.objects.exists()
    with pytest.raises(InvalidInput):
        wish(ada, "lead", "off", "thing.opened_up")
    Wish.objects.create(user=ada, event="thing.opened_up", relation="lead", channel="mail", how="off")  # past it
    wish_all(ada, "team", "off")
    assert tell("thing.opened_up", {"lead": [ada.pk]}, "Opened up", by=None) == 1
    assert Delivery.objects.count() == 1


def how_stands(user: User, relation: str, channel: str = "mail") -> tuple[str, str]:
    (one,) = [
        one for one in wishes.standing(user)
        if (one.rule.event, one.rule.relation, one.channel) == ("thing.moved", relation, channel)
    ]  # fmt: skip
    return one.how, one.by


def test_the_most_particular_word_counts_and_says_whose_it_is(ada: User) -> None:
    assert how_stands(ada, "team") == ("daily", "product")
    RuleDefault.objects.create(event="thing.moved", relation="team", how="hourly")
    assert how_stands(ada, "team") == ("hourly", "desk")
    wish_all(ada, "team", "off")
    assert how_stands(ada, "team") == ("off", "class")
    wish(ada, "team", "now")
    assert how_stands(ada, "team") == ("now", "exception")
    assert how_stands(ada, "caller") == ("now", "product"), "another class is another word"
    wish_all(ada, "team", None)
    wish(ada, "team", None)
    assert how_stands(ada, "team") == ("hourly", "desk")


def test_a_device_shows_what_is_mine_and_comes_at_once_and_each_channel_has_its_own_word(ada: User) -> None:
    assert how_stands(ada, "caller", "push") == ("now", "product")
    assert how_stands(ada, "team", "push") == ("off", "product")
    wish_all(ada, "mine", "off", "push")
    assert how_stands(ada, "caller", "push") == ("off", "class")
    assert how_stands(ada, "caller") == ("now", "product")


def test_a_wish_of_a_class_holds_for_what_is_told(ada: User) -> None:
    wish_all(ada, "mine", "hourly")
    moved(ada, "caller", at=NIGHT)
    assert Collecting.objects.get().due_at == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert not Delivery.objects.exists()


def test_nothing_said_twice_is_audited_twice(ada: User) -> None:
    wish(ada, "caller", "off")
    wish(ada, "caller", "off")
    wish(ada, "caller", None)
    assert not Wish.objects.exists()
    assert [one.changes for one in Entry.objects.filter(event="user.wishes_edited").order_by("id")] == [
        {"thing.moved caller mail": [None, "off"]},
        {"thing.moved caller mail": ["off", None]},
    ]


@pytest.mark.parametrize(("event", "how"), [("thing.burned", "off"), ("thing.moved", "often")])
def test_what_is_unknown_is_refused(ada: User, event: str, how: str) -> None:
    with pytest.raises(InvalidInput):
        wish(ada, "caller", how, event)


def test_nobody_wishes_for_somebody_else(ada: User, admin: User) -> None:
    with pytest.raises(NotPermitted):
        wishing.wish(ada, actor=actor_for(admin, Door.WEB), wished={})


def test_in_quiet_hours_the_bell_rings_and_the_mail_waits_for_their_end(ada: User) -> None:
    sleeps(ada)
    moved(ada, "caller", at=NIGHT)
    assert ada.notifications.count() == 1
    assert Delivery.objects.get().due_at == datetime(2026, 3, 29, 5, tzinfo=UTC)  # 07:00 CEST, 7 h 50 later


def test_what_is_urgent_passes_and_does_not_stand_behind_what_waits(sink: Sink, ada: User) -> None:
    sleeps(ada)
    tomorrow = timezone.now() + timedelta(days=1)
    moved(ada, "caller", opens=lambda at: tomorrow)
    moved(ada, "caller", at=NIGHT, urgent=True)
    assert outbox.relay(timezone.now() + timedelta(seconds=1)) == 1
    assert len(sink.mails) == 1


def test_a_mail_waits_for_hours_that_are_open_and_not_quiet(ada: User) -> None:
    sleeps(ada)  # until 05:00 UTC
    open_from = datetime(2026, 3, 29, 4, tzinfo=UTC)
    moved(ada, "caller", at=NIGHT, opens=lambda at: max(at, open_from))
    assert Delivery.objects.get().due_at == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_what_is_collected_leaves_as_one_mail_once(sink: Sink, ada: User) -> None:
    for _ in range(3):
        moved(ada, "team", at=NIGHT)
    assert not Delivery.objects.exists()
    morning = datetime(2026, 3, 29, 6, tzinfo=UTC)  # 08:00 CEST
    assert digests.collect(morning - timedelta(seconds=1)) == 0
    assert digests.collect(morning) == 1
    assert digests.collect(morning) == 0
    outbox.relay(timezone.now() + timedelta(seconds=1))
    digests.collect(morning)
    outbox.relay(timezone.now() + timedelta(seconds=1))
    ((_, mail),) = sink.mails
    assert mail["Subject"] == "3 pieces of news"
    assert mail.get_payload(0).get_payload().count("It moved") == 3


def test_a_kill_between_sending_and_marking_sends_the_same_message_again(sink: Sink, ada: User) -> None:
    moved(ada, "team", at=NIGHT)
    digests.collect(NIGHT + timedelta(days=1))
    outbox.relay(timezone.now() + timedelta(seconds=1))
    Delivery.objects.update(delivered_at=None)  # as a kill leaves it
    outbox.relay(timezone.now() + timedelta(seconds=1))
    first, second = (mail["Message-ID"] for _, mail in sink.mails)
    assert first == second


def test_what_was_read_meanwhile_is_not_collected(sink: Sink, ada: User) -> None:
    moved(ada, "team", at=NIGHT)
    Notification.objects.update(read_at=NIGHT)
    digests.collect(NIGHT + timedelta(days=1))
    outbox.relay(timezone.now() + timedelta(seconds=1))
    assert sink.mails == []


@pytest.mark.parametrize("relation", ["caller", "team"])  # a mail of its own, and a collected one
def test_who_loses_sight_before_it_leaves_is_mailed_nothing(sink: Sink, ada: User, relation: str) -> None:
    moved(ada, relation, record=ada, at=NIGHT)
    sight.register("user", lambda user, told: set())
    digests.collect(NIGHT + timedelta(days=1))
    outbox.relay(timezone.now() + timedelta(seconds=1))
    assert sink.mails == []
    assert not Delivery.objects.filter(delivered_at=None).exists()


def test_the_bell_does_not_show_what_may_be_read_no_longer(ada: User, web: Callable[[User], Client]) -> None:
    moved(ada, "caller", record=ada)
    assert "It moved" in web(ada).get("/notifications/").content.decode()
    sight.register("user", lambda user, told: set())
    assert "It moved" not in web(ada).get("/notifications/").content.decode()


PAGE = "/profile/notifications/"


def test_the_page_keeps_wishes_and_quiet_hours_together(agent: User, web: Callable[[User], Client]) -> None:
    browser = web(agent)
    assert "What reaches me" in browser.get(PAGE).content.decode()
    sent = {"thing.moved/caller/mail": "daily", "team/push": "hourly", "quiet_from": "20:00", "quiet_until": "07:00"}
    assert browser.post(PAGE, {**sent, "version": "1"}).status_code == 302
    assert set(Wish.objects.filter(user=agent).values_list("news", "event", "channel", "how")) == {
        ("", "thing.moved", "mail", "daily"), ("team", "", "push", "hourly"),
    }  # fmt: skip
    assert wishes.rhythm_of(agent).quiet_until == time(7)
    wrong = browser.post(PAGE, {**sent, "version": "2", "thing.moved/caller/mail": "off", "quiet_until": ""})
    assert wrong.status_code in {400, 422}
    assert Wish.objects.filter(user=agent, how="daily").exists(), "all or nothing"
    stale = browser.post(PAGE, {**sent, "version": "1", "thing.moved/caller/mail": "off"})
    assert stale.status_code == 412
    assert 'name="version" value="2"' in stale.content.decode(), "sending it again means it"


def test_why_did_i_get_this_leads_to_the_very_line(ada: User, sink: Sink, web: Callable[[User], Client]) -> None:
    moved(ada, "caller")
    outbox.relay(timezone.now() + timedelta(seconds=1))
    address = f"{PAGE}?line=thing.moved-caller#thing.moved-caller"
    ((_, mail),) = sink.mails
    plain, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())
    assert address in plain
    assert escape(address) in html
    browser = web(ada)
    assert address in browser.get("/notifications/").content.decode()
    shown = browser.get(PAGE, {"line": "thing.moved-caller"}).content.decode()
    assert '<tr id="thing.moved-caller" class="is-asked-for">' in shown
    assert shown.count("<details open>") == 1


def test_rest_says_and_takes_the_same(agent: User, api: Callable[..., APIClient]) -> None:
    client, address = api(agent), "/api/v1/me/notification-wishes/"

    def send(method: str, version: int | None, **body: Any) -> Any:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return getattr(client, method)(address, body, format="json", headers=headers)

    exception = {"event": "thing.moved", "relation": "caller", "channel": "mail", "how": "off"}
    answer = send("patch", 1, quiet_from="20:00", quiet_until="07:00", exceptions=[exception])
    assert (answer.status_code, answer["ETag"]) == (200, '"2"'), answer.json()
    shown = client.get(address).json()
    assert (shown["quiet_from"], shown["version"]) == ("20:00", 2)
    stands = {(one["event"], one["relation"], one["channel"]): (one["how"], one["by"]) for one in shown["rules"]}
    assert stands["thing.moved", "caller", "mail"] == ("off", "exception")
    assert stands["thing.opened_up", "lead", "mail"] == ("now", "duty")
    assert send("patch", None, quiet_from=None, quiet_until=None).status_code == 428
    assert send("patch", 1, quiet_from=None, quiet_until=None).status_code == 412
    assert send("patch", 2, quiet_from=None).status_code == 400
    duty = {"event": "thing.opened_up", "relation": "lead", "channel": "mail", "how": "off"}
    assert send("patch", 2, exceptions=[duty]).status_code == 400
    classes = [{"news": "watching", "channel": "mail", "how": "off"}]
    whole = send("put", 2, quiet_from=None, quiet_until=None, classes=classes, exceptions=[])
    assert whole.status_code == 200
    assert list(Wish.objects.filter(user=agent).values_list("news", "how")) == [("watching", "off")]
