"""Chats: what each platform is sent and answers, played by a server that answers as they do; nothing written pings."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput
from itsm.notifications.models import Delivery
from itsm.webhooks import chat, operations, probing
from itsm.webhooks.models import ChatMessage, WebhookEndpoint, WebhookEvent
from tests.itsm.scripted_server import Asked, Reply, Scripted
from tests.itsm.webhooks.conftest import bodies, leave
from tests.together import each_of

pytestmark = pytest.mark.django_db
Keep = Callable[..., WebhookEndpoint]
Open = Callable[..., Incident]
EVENTS = ["incident.created", "incident.acknowledged"]
HOSTILE = "<!channel> @all @room <https://evil.example|x> [a](javascript:alert(1)) <b>& *x* | http://evil.example"


@pytest.fixture(autouse=True)
def token(settings: Any, tmp_path: Path) -> None:
    settings.SECRETS_DIR = str(tmp_path)
    (tmp_path / "bot").write_text("xoxb-7\n")


def story(open_one: Open, agent: User, title: str = "Mail is down") -> Incident:
    """Two events of one record, each on its way before the next."""
    incident = open_one(title)
    leave()
    incidents.acknowledge(incident, actor=actor_for(agent, Door.WEB))
    leave()
    return incident


def says(*answers: Any, status: int = 200) -> Callable[[Asked], Reply]:
    """These one after the other, then the last again and again."""
    waiting = list(answers)

    def answer(asked: Asked) -> Reply:
        said = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Reply(status, said if isinstance(said, bytes) else json.dumps(said).encode())

    return answer


def test_a_bot_of_slack_keeps_one_message_of_a_record(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    receiver.answer = says({"ok": True, "channel": "C1", "ts": "1700.1"})
    keep(f"{receiver.url}/api/", EVENTS, form="slack", options={"room": "C1"}, credential="bot")
    incident = story(open_one, agent)
    first, second = receiver.asked
    assert (first.path, second.path) == ("/api/chat.postMessage", "/api/chat.update")
    assert first.headers["Authorization"] == "Bearer xoxb-7"
    one, other = bodies(receiver)
    assert (one["channel"], other["ts"]) == ("C1", "1700.1")
    assert f"|{incident.reference}>* Mail is down\ncreated" in one["text"]
    assert "acknowledged" in other["text"]
    assert ChatMessage.objects.get().thread == "1700.1"


def test_what_became_confidential_is_taken_back_where_the_platform_lets_it(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User, admin: User
) -> None:
    receiver.answer = says({"ok": True, "channel": "C1", "ts": "1700.1"})
    keep(f"{receiver.url}/api/", EVENTS, form="slack", options={"room": "C1"}, credential="bot")
    payroll = Team.objects.create(slug="payroll", name="Payroll", takes_work=True, confidential=True)
    Membership.objects.create(team=payroll, user=admin)
    theirs = keep(f"{receiver.url}/payroll/", ["*"], "Theirs", team=payroll)
    incident = story(open_one, agent, "Wages of Mallory")
    receiver.asked.clear()
    actor = Actor.system("tests")
    incident.refresh_from_db()
    incident = incidents.edit(incident, actor=actor, version=incident.version, team=payroll)
    leave()
    (change,) = [one for one in receiver.asked if one.path == "/api/chat.update"]
    said = json.loads(change.body)
    assert said["ts"] == "1700.1"
    assert f"|{incident.reference}>*" in said["text"]
    assert "confidential" in said["text"]
    assert "Mallory" not in said["text"]
    assert not ChatMessage.objects.exists()
    of_others = WebhookEvent.objects.filter(deliveries__endpoint__name="Ledger")
    assert "Mallory" not in "".join(f"{one.title}{one.body}" for one in of_others)
    theirs_newest = WebhookEvent.objects.filter(deliveries__endpoint=theirs).first()
    assert theirs_newest is not None
    assert "Mallory" in theirs_newest.title
    receiver.asked.clear()
    incidents.edit(incident, actor=actor, version=incident.version, title="Wages")
    leave()
    assert [one.path for one in receiver.asked if one.path.startswith("/api/")] == [], "once"


def test_the_address_of_a_chat_stands_in_a_file_and_nowhere_else(
    receiver: Scripted, keep: Keep, open_one: Open, admin: User, tmp_path: Path, settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    receiver.answer, actor = says(b"ok"), actor_for(admin, Door.WEB)
    made = keep(f"{receiver.url}/services/T/B/hush", EVENTS, form="slack")
    assert made.url.startswith("secret:chat-")
    file = tmp_path / made.url.removeprefix("secret:")
    assert (file.read_text(), file.stat().st_mode & 0o777) == (f"{receiver.url}/services/T/B/hush", 0o600)
    open_one()
    leave()
    assert [one.path for one in receiver.asked] == ["/services/T/B/hush"]
    said = json.dumps([list(WebhookEndpoint.objects.values()), list(Entry.objects.values())], default=str)
    assert "hush" not in said
    made.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        made = operations.edit(made, actor=actor, version=made.version, name="Chat")
    assert file.exists(), "the same address, as its form says it"
    with django_capture_on_commit_callbacks(execute=True):
        made = operations.edit(made, actor=actor, version=made.version, url=f"{receiver.url}/services/T/B/other")
    assert not file.exists()
    (tmp_path / "by-hand").write_text(f"{receiver.url}/services/T/B/by-hand\n")
    with django_capture_on_commit_callbacks(execute=True):
        made = operations.edit(made, actor=actor, version=made.version, url="secret:by-hand")
    assert operations.test(made, actor=actor, at=timezone.now()).ok
    assert [one.name for one in tmp_path.glob("chat-*")] == []
    (tmp_path / "inside").write_text("http://169.254.169.254/latest")
    for wrong in ("secret:inside", "secret:missing", "secret:../x"):
        with pytest.raises(InvalidInput):
            operations.edit(made, actor=actor, version=made.version, url=wrong)
    settings.SECRETS_DIR = ""
    with pytest.raises(InvalidInput, match="cannot be written"):
        keep(f"{receiver.url}/services/x", EVENTS, "Another", form="slack")


def test_what_slack_refuses_with_a_200_is_no_success(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User, admin: User
) -> None:
    receiver.answer = says({"ok": False, "error": "channel_not_found"})
    made = keep(f"{receiver.url}/api", EVENTS, form="slack", options={"room": "C1"}, credential="bot")
    open_one()
    leave()
    assert Delivery.objects.filter(channel="webhook", delivered_at=None, dead_at=None).count() == 1
    tried = operations.test(made, actor=actor_for(admin, Door.WEB), at=made.created_at)
    assert (tried.ok, "channel_not_found" in tried.said) == (False, True)
    receiver.answer = says(
        {"ok": True, "ts": "1.1"}, {"ok": False, "error": "message_not_found"}, {"ok": True, "ts": "2.2"}
    )
    leave(60)
    incidents.acknowledge(Incident.objects.get(), actor=actor_for(admin, Door.WEB))
    leave(120)
    leave(3600)
    assert receiver.asked[-1].path == "/api/chat.postMessage", "gone there: made anew"
    assert ChatMessage.objects.get().thread == "2.2"


def test_an_incoming_webhook_of_slack_gets_a_short_message_each_time(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    receiver.answer = says(b"ok")
    made = keep(f"{receiver.url}/services/T/B/x", EVENTS, form="slack")
    assert made.secret == "", "a chat needs no secret of ours"
    story(open_one, agent)
    assert [one.path for one in receiver.asked] == ["/services/T/B/x"] * 2
    assert "Authorization" not in receiver.asked[0].headers
    assert not ChatMessage.objects.exists()


def test_a_bot_of_mattermost_keeps_one_message(receiver: Scripted, keep: Keep, open_one: Open, agent: User) -> None:
    receiver.answer = says({"id": "p1"}, status=201)
    keep(receiver.url, EVENTS, form="mattermost", options={"room": "c1"}, credential="bot")
    story(open_one, agent)
    assert [(one.method, one.path) for one in receiver.asked] == [
        ("POST", "/api/v4/posts"), ("PUT", "/api/v4/posts/p1/patch"),
    ]  # fmt: skip
    assert bodies(receiver)[0]["channel_id"] == "c1"


def test_teams_gets_a_card_that_opens_the_record(receiver: Scripted, keep: Keep, open_one: Open, agent: User) -> None:
    receiver.answer = says(b"", status=202)
    keep(f"{receiver.url}/workflows/1", EVENTS, form="teams")
    incident = story(open_one, agent)
    one, _other = bodies(receiver)
    (card,) = one["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    (action,) = card["content"]["actions"]
    assert (action["type"], action["url"].endswith(incident.get_absolute_url())) == ("Action.OpenUrl", True)


def test_matrix_edits_its_one_message_and_a_transaction_is_one_message(
    receiver: Scripted, keep: Keep, open_one: Open, agent: User
) -> None:
    receiver.answer = says({"event_id": "$first"}, {"event_id": "$edit"})
    keep(receiver.url, EVENTS, form="matrix", options={"room": "!r:example.org"}, credential="bot")
    story(open_one, agent)
    first, second = receiver.asked
    assert first.method == "PUT"
    assert first.path.startswith("/_matrix/client/v3/rooms/%21r%3Aexample.org/send/m.room.message/msg_")
    assert first.path != second.path
    edit = bodies(receiver)[1]
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$first"}
    assert "acknowledged" in edit["m.new_content"]["body"]
    assert ChatMessage.objects.get().thread == "$first", "an edit is never edited"
    Delivery.objects.filter(channel="webhook").update(delivered_at=None, attempts=0)  # as a kill leaves it
    leave(600)
    assert {one.path for one in receiver.asked[2:]} == {first.path, second.path}


def written(form: str, body: dict[str, Any]) -> str:
    if form == "teams":
        return str(body["attachments"][0]["content"]["body"][0]["text"])
    return str(body.get("text") or body.get("message") or body.get("formatted_body"))


def test_a_quiet_flow_of_teams_is_asked_once_a_week_whether_it_is_there(
    receiver: Scripted, keep: Keep, open_one: Open
) -> None:
    receiver.answer = says(b"", status=202)
    flow = keep(f"{receiver.url}/workflows/1", EVENTS, form="teams")
    keep(f"{receiver.url}/hook", EVENTS, "Other")
    now = timezone.now()
    assert probing.probe(now) == 0
    WebhookEndpoint.objects.update(created_at=now - timedelta(days=8))
    assert [probing.probe(now), probing.probe(now)] == [1, 0]
    leave()
    assert [one.path for one in receiver.asked] == ["/workflows/1"]
    assert "weekly check" in receiver.asked[0].body.decode()
    flow.refresh_from_db()
    assert flow.last_ok_at is not None
    assert probing.probe(now + timedelta(days=6)) == 0
    receiver.answer = says({"error": {"code": "WorkflowTriggerIsNotEnabled"}}, status=400)
    assert probing.probe(now + timedelta(days=8)) == 1
    leave()
    flow.refresh_from_db()
    assert (flow.status, "WorkflowTriggerIsNotEnabled" in flow.last_error) == ("failing", True)
    WebhookEndpoint.objects.update(off_at=now, failing_since=None)
    assert probing.probe(now + timedelta(days=16)) == 0


@pytest.mark.parametrize("form", ["slack", "mattermost", "teams", "matrix"])
def test_a_title_pings_nobody_and_draws_no_link(form: str, receiver: Scripted, keep: Keep, open_one: Open) -> None:
    receiver.answer = says(b"ok")
    said = {"options": {"room": "!r:x"}, "credential": "bot"} if form == "matrix" else {}
    keep(receiver.url, EVENTS, form=form, **said)
    open_one(HOSTILE)
    leave()
    (body,) = bodies(receiver)
    text = written(form, body)
    if form in {"slack", "matrix"}:
        assert "<!channel>" not in text
        assert "<https://evil" not in text
        assert "<b>&" not in text.replace("<b><a", "")
    else:
        assert "@all" not in text
        assert "](javascript" not in text
        assert "http://evil" not in text
    if form == "matrix":
        assert body["m.mentions"] == {}


WRONG = [
    ("slack", {"options": {"room": "C1"}}), ("slack", {"credential": "bot"}), ("slack", {"options": {"channel": "C1"}}),
    ("teams", {"options": {"room": "x"}}), ("matrix", {}), ("matrix", {"options": {"room": "#a:x"}, "credential": "bot"}),
    ("mattermost", {"options": {"room": 7}, "credential": "bot"}),
    ("slack", {"options": {"room": "C1"}, "credential": "nobody"}),
]  # fmt: skip


@each_of(("form", "said"), WRONG)
def test_what_a_platform_cannot_use_is_refused_when_it_is_saved(
    form: str, said: dict[str, Any], receiver: Scripted, keep: Keep
) -> None:
    with pytest.raises(InvalidInput):
        keep(receiver.url, EVENTS, form=form, **said)
    assert not WebhookEndpoint.objects.exists()


def test_markdown_of_a_title_is_none() -> None:
    assert chat.in_markdown("a_b *c* @all") == "a\\_b \\*c\\* @\N{ZERO WIDTH SPACE}all"
