"""Providers that refuse, hang and lie; the second one is asked within a minute, under the same number."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict
from itsm.notifications.models import Delivery
from itsm.paging import operations
from itsm.paging.adapters import gateways
from itsm.paging.models import AttemptOutcome, Page, PageAttempt, PagingProvider
from itsm.paging.operations import calling, contacts, phone, reaching
from itsm.paging.operations.contacts import NewRule
from tests.itsm.paging.company import PAGING, a_phone, a_provider, lane_works
from tests.itsm.scripted_server import Reply, Scripted, scripted

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings: Any) -> Iterator[Scripted]:
    with scripted() as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def paged(person, team, at, urgency: str = "high") -> Page:
    """Who has no devices: mail at once, phones after two minutes."""
    Membership.objects.get_or_create(team=team, user=person)
    person.email = f"{person.username}@example.com"
    person.save()
    return operations.page_people(
        [person.pk], subject_kind="thing", subject_id=7, title='Checkout "burns"\n500', path="/incidents/INC-00007/",
        team_id=team.pk, urgency=urgency, at=at,
    )[0]  # fmt: skip


def asked_of(gateway: Scripted) -> list[str]:
    return [one.path.strip("/") for one in gateway.asked]


def test_phones_are_called_after_two_minutes_and_get_words_and_code(payments, engineer, gateway):
    a_phone(engineer)
    a_provider(gateway.url)
    now = timezone.now()
    page = paged(engineer, payments, now)
    lane_works(now + timedelta(seconds=119))
    assert gateway.asked == []
    lane_works(now + timedelta(seconds=120))
    sent = json.loads(gateway.asked[0].body)
    assert sent["to"] == "+4915112345678"
    assert page.code in sent["text"]
    assert 'Checkout "burns"' in sent["text"]


def test_a_provider_that_refuses_is_followed_at_once_under_the_same_number(payments, engineer, gateway):
    a_phone(engineer)
    a_provider(gateway.url)
    a_provider(gateway.url, "second", position=2)
    gateway.answer = lambda asked: Reply(500) if asked.path == "/first" else Reply(200)
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    assert asked_of(gateway) == ["first", "second"]
    ids = {json.loads(one.body)["id"] for one in gateway.asked}
    assert len(ids) == 1
    assert [one.ok for one in AttemptOutcome.objects.filter(attempt__channel="sms").order_by("id")] == [False, True]


@pytest.mark.parametrize("hangs", [Reply(head_pause=600), Reply(pieces=[b"{", b"}"], pause=600)])
def test_one_that_hangs_is_followed_once_its_seconds_are_over(payments, engineer, gateway, monkeypatch, hangs):
    """Before it says anything, and in the middle of its answer: either way nobody waits for it longer."""
    monkeypatch.setattr(gateways, "SECONDS", 0.3)
    a_phone(engineer)
    a_provider(gateway.url, ok_pointer="/ok", ok_value="true")
    a_provider(gateway.url, "second", position=2)
    gateway.answer = lambda asked: hangs if asked.path == "/first" else Reply(200, b'{"ok": true}')
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    assert asked_of(gateway) == ["first", "second"]
    failed, reached = AttemptOutcome.objects.filter(attempt__channel="sms").order_by("id")
    assert (failed.ok, reached.ok) == (False, True)
    assert reached.at - failed.attempt.begun_at < timedelta(seconds=60)


def test_one_that_lies_is_followed_when_no_report_came(payments, engineer, gateway):
    a_phone(engineer)
    first = a_provider(gateway.url, reports=True)
    a_provider(gateway.url, "second", position=2)
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    assert asked_of(gateway) == ["first"]
    check = Delivery.objects.get(key__endswith=f"-r{PageAttempt.objects.get(provider=first).pk}")
    assert check.due_at - PageAttempt.objects.get(provider=first).begun_at < timedelta(seconds=60)
    lane_works(check.due_at)
    assert asked_of(gateway) == ["first", "second"]


def test_one_that_reports_in_time_is_believed(payments, engineer, gateway):
    a_phone(engineer)
    first = a_provider(gateway.url, reports=True, id_pointer="/sid")
    a_provider(gateway.url, "second", position=2)
    gateway.answer = lambda asked: Reply(200, b'{"sid": "SM1"}')
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    assert phone.report(first, {"MessageSid": "SM1", "MessageStatus": "delivered"}, now) == 1
    assert phone.report(first, {"MessageSid": "SM1", "MessageStatus": "queued"}, now) == 0
    lane_works(timezone.now() + timedelta(minutes=3))
    assert asked_of(gateway) == ["first"]


def test_a_report_of_failure_asks_the_next_one_now(payments, engineer, gateway):
    a_phone(engineer)
    first = a_provider(gateway.url, reports=True)
    a_provider(gateway.url, "second", position=2)
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    ours = json.loads(gateway.asked[0].body)["id"]
    assert phone.report(first, {"id": ours, "status": "undelivered"}, now) == 1
    lane_works(timezone.now() + timedelta(seconds=1))
    assert asked_of(gateway) == ["first", "second"]


def test_one_that_takes_a_message_by_its_words_alone_is_not_believed(payments, engineer, gateway):
    a_phone(engineer)
    a_provider(gateway.url, ok_pointer="/messages/0/accepted", ok_value="true")
    a_provider(gateway.url, "second", position=2)
    gateway.answer = lambda asked: Reply(200, b'{"messages": [{"accepted": false}]}')
    now = timezone.now()
    paged(engineer, payments, now - timedelta(seconds=120))
    lane_works(now + timedelta(seconds=5))
    assert asked_of(gateway)[:2] == ["first", "second"]


def test_three_failures_in_a_minute_pass_a_provider_over(payments, engineer, agent, manager, owner, gateway):
    first = a_provider(gateway.url)
    a_provider(gateway.url, "second", position=2)
    gateway.answer = lambda asked: Reply(503) if asked.path == "/first" else Reply(200)
    now = timezone.now()
    for number, person in enumerate((engineer, agent, manager, owner)):
        a_phone(person, f"+49151123456{number:02d}")
        paged(person, payments, now)
    lane_works(now + timedelta(seconds=120))
    assert asked_of(gateway).count("first") == 3
    assert asked_of(gateway).count("second") == 4
    first.refresh_from_db()
    assert first.open_until > timezone.now() + timedelta(minutes=4)


def test_where_every_provider_fails_the_next_rule_comes_now_and_another_cycle_later(payments, engineer, gateway):
    a_phone(engineer)
    a_phone(engineer, channel="voice")
    a_provider(gateway.url)
    a_provider(gateway.url, "caller", channel="voice")
    gateway.answer = lambda asked: Reply(500) if asked.path == "/first" else Reply(200)
    contacts.set_rules(
        actor=_acts(engineer), urgency="high",
        rules=[_rule("sms", engineer), _rule("voice", engineer, 600)],
    )  # fmt: skip
    now = timezone.now()
    page = paged(engineer, payments, now)
    lane_works(timezone.now() + timedelta(seconds=2))
    assert asked_of(gateway) == ["first", "caller"]
    again = Delivery.objects.get(key=f"page-{page.pk}-1-{page.person.contact_points.get(channel='sms').pk}-c1-0")
    assert again.delivered_at is None


def _acts(user):
    return actor_for(user, Door.WEB)


def _rule(channel: str, person, after: int = 0):
    return NewRule(channel, after, person.contact_points.get(channel=channel).pk)


def test_nothing_is_sent_once_it_is_answered(payments, engineer, gateway, as_actor):
    a_phone(engineer)
    a_provider(gateway.url)
    now = timezone.now()
    page = paged(engineer, payments, now)
    operations.acknowledge_page(page, actor=as_actor(engineer), at=now)
    lane_works(now + timedelta(minutes=10))
    assert gateway.asked == []
    assert not PageAttempt.objects.exists()


def test_an_answer_by_code_from_their_own_number(payments, engineer, agent, gateway):
    a_phone(engineer)
    a_phone(agent, "+4915100000000")
    provider = a_provider(gateway.url)
    now = timezone.now()
    page = paged(engineer, payments, now)
    assert phone.reply(provider, {"From": "+4915100000000", "Body": page.code}, now) == 0  # somebody else's phone
    assert phone.reply(provider, {"From": "+49 151 12345678", "Body": f"ok 9{page.code}"}, now) == 0
    assert phone.reply(provider, {"From": "+4915112345678", "Body": f"ack {page.code}."}, now) == 1
    assert phone.reply(provider, {"From": "+4915112345678", "Body": page.code}, now) == 0
    page.refresh_from_db()
    assert (page.state, page.how) == ("acknowledged", "code")


def test_what_is_filled_in_stays_inside_its_quotes():
    provider = PagingProvider(template='{"to":"{to}","text":"{text}"}', body="json")
    words = 'a"},{"evil": "{to}\n'
    assert json.loads(gateways.rendered(provider, to="+49", text=words, key="k")) == {"to": "+49", "text": words}
    form = PagingProvider(template="to={to}&text={text}", body="form")
    assert gateways.rendered(form, to="+49", text="a&b=c", key="k") == "to=%2B49&text=a%26b%3Dc"


def test_each_try_is_written_before_it_is_made(payments, engineer, gateway):
    a_phone(engineer)
    a_provider(gateway.url)
    seen = []
    gateway.answer = lambda asked: (seen.append(asked), Reply(200))[1]
    now = timezone.now()
    page = paged(engineer, payments, now)
    [owed] = Delivery.objects.filter(channel=calling.CHANNEL, payload__page=page.pk, payload__channel="sms")
    reaching.deliver(owed)
    reaching.deliver(owed)  # as after a crash between the sending and its mark
    tries = PageAttempt.objects.filter(page=page)
    assert [one.number for one in tries] == [1, 2]
    assert len({one.key for one in tries}) == 1
    assert len(seen) == 2
    assert owed.lane == PAGING[0]


def test_nobodys_phone_is_sent_codes_without_end(engineer, gateway, as_actor):
    """Whose it is has not said yet that it is theirs."""
    a_provider(gateway.url)
    now, actor = timezone.now(), as_actor(engineer)
    for _turn in range(9):
        added = contacts.add(actor=actor, channel="sms", address="+4915112345678", at=now)
        contacts.remove(added.pk, actor=actor)
    added = contacts.add(actor=actor, channel="sms", address="+4915112345678", at=now)
    with pytest.raises(Conflict):
        contacts.send_code(added.pk, actor=actor, at=now + timedelta(minutes=1))
    contacts.remove(added.pk, actor=actor)
    with pytest.raises(Conflict):
        contacts.add(actor=actor, channel="sms", address="+4915112345678", at=now + timedelta(minutes=1))
    contacts.add(actor=actor, channel="sms", address="+4915112345678", at=timezone.now() + timedelta(minutes=61))
