"""What happens to a record reaches who asked for it: signed, once each by id, in order, and nobody whom it is hidden from."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from catalog.requests.models import RequestItem
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Door
from itsm.notifications import outgoing
from itsm.notifications.models import Attempt, Delivery, Notification
from itsm.webhooks import events, operations, pictures, receivers, sending, signing
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from itsm.webhooks.vocabulary import Status
from itsm.work.operations import add_note
from tests.itsm.scripted_server import Asked, Reply, Scripted
from tests.itsm.webhooks.conftest import bodies, leave

pytestmark = pytest.mark.django_db
Keep = Callable[..., WebhookEndpoint]
Open = Callable[..., Incident]


def web(person: User) -> Any:
    return actor_for(person, Door.WEB)


def test_a_transition_reaches_who_wants_it_as_a_signed_picture(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    endpoint = keep(receiver.url, ["incident.created", "incident.acknowledged"])
    incident = open_one("Mail is down")
    incidents.acknowledge(incident, actor=web(agent))
    assert receiver.asked == []  # nothing leaves within the transaction
    assert leave() == 2
    assert [body["type"] for body in bodies(receiver)] == ["incident.created", "incident.acknowledged"]
    body = bodies(receiver)[1]
    assert set(body) == {"type", "timestamp", "data"}
    assert body["data"]["number"] == incident.reference
    assert body["data"]["state"] == "in_progress"
    assert body["data"]["url"].endswith(incident.get_absolute_url())
    assert "available" not in body["data"]
    verifier = Webhook(endpoint.secret)
    for asked in receiver.asked:
        assert asked.method == "POST"
        assert verifier.verify(asked.body, {name.lower(): value for name, value in asked.headers.items()})
        with pytest.raises(WebhookVerificationError):
            verifier.verify(asked.body + b" ", {name.lower(): value for name, value in asked.headers.items()})
    assert WebhookEndpoint.objects.get().last_ok_at is not None


def test_each_secret_signs_while_they_rotate_and_only_the_new_one_after(
    receiver: Scripted, keep: Keep, open_one: Open, admin: User
) -> None:
    endpoint = keep(receiver.url)
    now = timezone.now()
    changed, new = operations.rotate(endpoint, actor=web(admin), at=now, hours=24)
    assert changed.before_until == now + timedelta(hours=24)
    assert new != endpoint.secret
    open_one()
    leave()
    headers = {name.lower(): value for name, value in receiver.asked[0].headers.items()}
    for secret in (endpoint.secret, new):
        assert Webhook(secret).verify(receiver.asked[0].body, headers)
    WebhookEndpoint.objects.update(before_until=now)
    open_one()
    leave()
    headers = {name.lower(): value for name, value in receiver.asked[1].headers.items()}
    assert Webhook(new).verify(receiver.asked[1].body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(receiver.asked[1].body, headers)


def test_the_secret_stands_nowhere(keep: Keep, receiver: Scripted) -> None:
    endpoint = keep(receiver.url)
    kept = json.dumps(list(WebhookEndpoint.objects.values()), default=str)
    assert endpoint.secret.removeprefix(signing.PREFIX)[:20] not in kept
    assert signing.derived(endpoint.key) != signing.derived(endpoint.key + "0")


def test_a_credential_by_name_signs(
    receiver: Scripted, keep: Keep, open_one: Open, settings: Any, tmp_path: Any
) -> None:
    secret = signing.written(b"k" * 32)
    (tmp_path / "ledger").write_text(secret)
    settings.SECRETS_DIR = str(tmp_path)
    endpoint = keep(receiver.url, credential="ledger")
    assert endpoint.secret == ""
    open_one()
    leave()
    asked = receiver.asked[0]
    assert Webhook(secret).verify(asked.body, {name.lower(): value for name, value in asked.headers.items()})


def test_a_failure_is_tried_again_under_the_same_id_and_body_and_said(
    receiver: Scripted, keep: Keep, open_one: Open
) -> None:
    keep(receiver.url, ["incident.created"])
    answers = [
        Reply(500, b"no <b>room</b>\x00"),
        Reply(302, headers={"Location": "http://127.0.0.1/"}),
        Reply(204, b""),
    ]
    receiver.answer = lambda asked: answers.pop(0)
    open_one()
    assert leave() == 0
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.status, endpoint.failing_since is None) == (Status.FAILING, False)
    assert leave(10) == 0
    assert leave(10) == 0  # not due
    assert leave(2000) == 1
    assert len({asked.body for asked in receiver.asked}) == 1
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    said = list(Attempt.objects.order_by("number").values_list("said", flat=True))
    assert said[0].startswith("500 (")
    assert said[0].endswith("no <b>room</b>")
    assert said[1].endswith("a redirect, which is not followed")
    assert WebhookEndpoint.objects.get().status == Status.ON


def test_who_says_when_to_come_again_is_heard(receiver: Scripted, keep: Keep, open_one: Open) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    cases = {
        "120": 120, "0": 0, "-5": 0, "1e3": 0, "soon": 0, "": 0, "Sun, 01 Mar 2026 12:02:00 GMT": 120,
        "Sun, 01 Mar 2026 11:00:00 GMT": 0, "٣": 0, "9" * 400: 999_999_999,
    }  # fmt: skip
    for said, seconds in cases.items():
        answer = sending.Answer(429, {"retry-after": said}, b"", 0.1)
        assert outgoing.retry_after(answer, now) == seconds
    keep(receiver.url, ["incident.created"])
    receiver.answer = lambda asked: Reply(429, headers={"Retry-After": "3600"})
    open_one()
    leave()
    owed = Delivery.objects.get(channel="webhook")
    assert owed.due_at - timezone.now() > timedelta(seconds=3500)


def test_gone_switches_it_off_and_tells_its_owner(receiver: Scripted, keep: Keep, open_one: Open, admin: User) -> None:
    keep(receiver.url, ["incident.created"])
    receiver.answer = lambda asked: Reply(410, b"gone fishing")
    open_one()
    open_one()
    leave()
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.status == Status.OFF
    assert "gone fishing" in endpoint.off_because
    assert len(receiver.asked) == 1  # the second was given up without asking
    assert Delivery.objects.filter(channel="webhook", dead_at=None).count() == 0
    told = Notification.objects.get(to=admin)
    assert "Ledger" in told.subject
    open_one()
    assert Delivery.objects.filter(channel="webhook").count() == 2


def test_after_ten_tries_in_three_days_it_is_given_up_and_said_once_a_day(
    receiver: Scripted, keep: Keep, open_one: Open, admin: User
) -> None:
    keep(receiver.url, ["incident.created"])
    receiver.answer = lambda asked: Reply(503)
    for _ in range(3):
        open_one()
    for hours in range(0, 100, 1):
        leave(1 + hours * 3600)
    assert len(receiver.asked) == 30
    assert Delivery.objects.filter(channel="webhook", dead_at=None).count() == 0
    assert Notification.objects.filter(to=admin).count() == 1


def test_what_was_said_before_it_became_confidential_leaves_no_more(
    receiver: Scripted, keep: Keep, open_one: Callable[..., Incident], admin: User
) -> None:
    payroll = Team.objects.create(slug="payroll", name="Payroll", takes_work=True, confidential=True)
    Membership.objects.create(team=payroll, user=admin)
    keep(f"{receiver.url}/theirs", name="Theirs", team=payroll)
    keep(f"{receiver.url}/everybody")
    incident = open_one("About somebody's pay")
    Incident.objects.filter(pk=incident.pk).update(team=payroll)
    leave()
    assert [asked.path for asked in receiver.asked] == ["/theirs"]


def test_what_is_confidential_reaches_endpoints_of_its_team_alone(
    receiver: Scripted, keep: Keep, agent: User, admin: User
) -> None:
    payroll = Team.objects.create(slug="payroll", name="Payroll", takes_work=True, confidential=True)
    other = Team.objects.create(slug="web", name="Web", takes_work=True)
    for person in (agent, admin):
        Membership.objects.create(team=payroll, user=person)
    keep(f"{receiver.url}/all")
    keep(f"{receiver.url}/web", name="Web", team=other, only_team=True)
    keep(f"{receiver.url}/payroll", name="Payroll", team=payroll)
    incidents.open_incident(actor=web(agent), title="CANARY salaries", team=payroll)
    incidents.open_incident(actor=web(agent), title="Site is slow", team=other)
    leave()
    seen = sorted((asked.path, json.loads(asked.body)["data"]["title"]) for asked in receiver.asked)
    assert seen == [
        ("/all", "Site is slow"), ("/payroll", "CANARY salaries"), ("/payroll", "Site is slow"), ("/web", "Site is slow"),
    ]  # fmt: skip


def test_a_private_note_is_no_news_and_no_note_is_in_any_body(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    keep(receiver.url, ["incident.noted", "incident.resolved"])
    incident = open_one()
    add_note(incident, actor=web(agent), text="CANARY private", private=True)
    assert not WebhookEvent.objects.exists()
    add_note(incident, actor=web(agent), text="We look at it", private=False)
    incident.refresh_from_db()
    incidents.resolve(incident, actor=web(agent), resolution="Turned it on", resolution_code="solved")
    leave()
    assert [body["type"] for body in bodies(receiver)] == ["incident.noted", "incident.resolved"]
    assert b"CANARY" not in b"".join(asked.body for asked in receiver.asked)


def test_a_picture_that_cannot_be_drawn_or_is_too_large_is_thin(
    receiver: Scripted, keep: Keep, open_one: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep(receiver.url, ["incident.created"])
    monkeypatch.setattr(events, "MOST", 600)
    open_one(description="x" * 600)
    monkeypatch.setattr(events, "MOST", 256 * 1024)

    def broken(record: Any) -> dict[str, Any]:
        Incident.objects.raw("SELECT nothing FROM nowhere")[0]
        raise AssertionError

    kind = pictures.kinds()["incident"]
    monkeypatch.setitem(
        pictures._known,
        "incident",
        pictures.Pictured(kind.model, kind.title, broken, kind.queues, kind.events, kind.discreet),
    )
    second = open_one()
    leave()
    assert Incident.objects.filter(pk=second.pk).exists()
    for body in bodies(receiver):
        assert set(body["data"]) == {"kind", "number", "url", "thin"}


def test_what_nobody_wants_costs_nothing_and_bulk_news_stays_together(
    keep: Keep, open_one: Open, receiver: Scripted
) -> None:
    keep(receiver.url, ["problem.*"])
    open_one()
    assert not WebhookEvent.objects.exists()
    assert receivers.endpoints()[0].wants("problem.resolved")
    assert not receivers.endpoints()[0].wants("incident.resolved")


def test_a_message_is_sent_again_by_hand_under_the_same_id(
    receiver: Scripted, keep: Keep, open_one: Open, admin: User
) -> None:
    keep(receiver.url, ["incident.created"])
    open_one()
    leave()
    operations.replay(WebhookDelivery.objects.select_related("endpoint", "event").get(), actor=web(admin))
    leave()
    assert [asked.headers["webhook-id"] for asked in receiver.asked] == [receiver.asked[0].headers["webhook-id"]] * 2
    assert receiver.asked[0].body == receiver.asked[1].body
    assert list(WebhookDelivery.objects.values_list("is_replay", flat=True)) == [True, False]


def test_the_log_is_kept_for_thirty_days(receiver: Scripted, keep: Keep, open_one: Open) -> None:
    keep(receiver.url, ["incident.created"])
    open_one()
    leave()
    assert operations.forget(timezone.now() + timedelta(days=29)) == 0
    assert operations.forget(timezone.now() + timedelta(days=31)) == 1
    assert not WebhookDelivery.objects.exists()
    assert not Delivery.objects.filter(channel="webhook").exists()
    assert operations.forget(timezone.now() + timedelta(days=31)) == 0


def test_every_kind_of_record_is_drawn_and_its_events_are_types(world: Any) -> None:
    drawn = {"incident": world.incident, "problem": world.problem, "request": world.requested,
             "request_item": RequestItem.objects.order_by("pk")[0], "postmortem": world.postmortem, "change": world.running}  # fmt: skip
    assert set(pictures.kinds()) == set(drawn)
    for kind, record in drawn.items():
        pictured = pictures.kinds()[kind]
        record = type(record).objects.get(pk=record.pk)
        text = events.written(f"{kind}.edited", timezone.now(), pictured.draw(record))
        assert json.loads(text)["data"]["number"]
        assert list(pictured.queues(record)) or kind == "change"
        assert all(one == pictures.word_of(one) for one in pictured.events)


def test_one_receiver_gets_records_in_order_though_the_first_message_fails(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    keep(receiver.url, ["incident.*"])
    first = [True]

    def answer(asked: Asked) -> Reply:
        return Reply(500 if first and first.pop() else 200)

    receiver.answer = answer
    incident = open_one()
    incidents.acknowledge(incident, actor=web(agent))
    leave()
    leave(10)
    assert [body["type"] for body in bodies(receiver)] == [
        "incident.created",
        "incident.created",
        "incident.acknowledged",
    ]
