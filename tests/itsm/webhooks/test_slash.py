"""Slash commands, played as Slack and Mattermost send them: what proves them, whose they are, and what they may do."""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident.models import Incident
from itsm.accounts import operations as people
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound
from itsm.webhooks import operations
from itsm.webhooks.models import ChatAccount, SlashCall, WebhookEndpoint
from itsm.webhooks.slash import accounts
from itsm.webhooks.slash.proofs import MOST_A_MINUTE, TooMany, proven
from itsm.webhooks.tasks import forget
from itsm.work.models import Note

pytestmark = pytest.mark.django_db
SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "8w7foap4ufrsfczda8uez51yxo"
SYSTEM = Actor.system("tests")
PATH = "/api/v1/integrations/slash/{}/"
FORM = "application/x-www-form-urlencoded"
Open = Callable[..., Incident]


@pytest.fixture(autouse=True)
def secrets_folder(settings: Any, tmp_path: Path) -> None:
    settings.SECRETS_DIR, settings.OUTGOING_ALLOW = str(tmp_path), ["127.0.0.1:9"]
    (tmp_path / "slack-signing").write_text(f"{SECRET}\n")
    (tmp_path / "mm-token").write_text(TOKEN)


@pytest.fixture
def slack(keep: Callable[..., WebhookEndpoint]) -> WebhookEndpoint:
    return keep("http://127.0.0.1:9/services/T/B/x", name="Ops chat", form="slack", slash_credential="slack-signing")


@pytest.fixture
def mattermost(keep: Callable[..., WebhookEndpoint]) -> WebhookEndpoint:
    return keep("http://127.0.0.1:9/hooks/x", name="Own chat", form="mattermost", slash_credential="mm-token")


def body(text: str, trigger: str = "13345224609.738474920.8088930838d88f008e0", **other: str) -> bytes:
    """What Slack sends."""
    said = {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": "T0001", "team_domain": "example", "channel_id": "C2147483705",
        "channel_name": "ops", "user_id": "U2147483697", "user_name": "ada", "command": "/headroom", "text": text,
        "api_app_id": "A123456", "is_enterprise_install": "false", "trigger_id": trigger,
        "response_url": "https://hooks.slack.com/commands/1234/5678", **other,
    }  # fmt: skip
    return urlencode(said).encode()


def signed(raw: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(timezone.now().timestamp() if at is None else at))
    made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


def post(endpoint: WebhookEndpoint, raw: bytes, headers: dict[str, str]) -> Any:
    return Client().post(PATH.format(endpoint.pk), raw, FORM, headers=headers)


def say(endpoint: WebhookEndpoint, text: str, **other: str) -> str:
    """Type it in Slack; what the caller alone reads."""
    raw = body(text, **other)
    answer = post(endpoint, raw, signed(raw))
    assert answer.status_code == 200, answer.content
    assert answer.json()["response_type"] == "ephemeral"
    return str(answer.json()["text"])


def linked(endpoint: WebhookEndpoint, person: User, **other: str) -> ChatAccount:
    return accounts.link(token_in(say(endpoint, "help", **other)), actor=actor_for(person, Door.WEB), at=timezone.now())


def token_in(text: str) -> str:
    found = re.search(r"/profile/chats/link/([^/]+)/", text)
    assert found, text
    return found[1]


class TestProof:
    def test_the_same_signed_request_is_heard_once(self, slack: WebhookEndpoint) -> None:
        raw = body("help")
        headers = signed(raw)
        assert post(slack, raw, headers).status_code == 200
        again = post(slack, raw, headers)
        assert (again.status_code, "command-not-proven" in again.json()["type"]) == (401, True)

    def test_what_was_signed_for_one_endpoint_is_not_heard_again_at_another(
        self, slack: WebhookEndpoint, keep: Callable[..., WebhookEndpoint]
    ) -> None:
        twin = keep("http://127.0.0.1:9/y", name="Twin", form="slack", slash_credential="slack-signing")
        raw = body("help")
        headers = signed(raw)
        assert [post(one, raw, headers).status_code for one in (slack, twin)] == [200, 401]

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_five_minutes(self, slack: WebhookEndpoint, seconds: int) -> None:
        raw = body("help")
        assert post(slack, raw, signed(raw, timezone.now().timestamp() + seconds)).status_code == 401
        assert post(slack, raw, signed(raw, timezone.now().timestamp() + seconds * 0.9)).status_code == 200

    def test_forged(self, slack: WebhookEndpoint) -> None:
        raw = body("help")
        good = signed(raw)
        for headers in (
            {},
            signed(raw, secret="another"),
            {**good, "X-Slack-Signature": good["X-Slack-Signature"][:-1] + "é"},
            {**good, "X-Slack-Request-Timestamp": "١٢٣"},
            {**good, "X-Slack-Request-Timestamp": ""},
            {**good, "X-Slack-Request-Timestamp": str(int(good["X-Slack-Request-Timestamp"]) + 1)},
            {"X-Slack-Request-Timestamp": "1", "Authorization": "Bearer hr_x.y"},
        ):
            assert post(slack, raw, headers).status_code == 401, headers
        assert post(slack, raw.replace(b"ada", b"eve"), good).status_code == 401
        assert not SlashCall.objects.exists()

    def test_the_token_of_mattermost_and_a_command_once(self, mattermost: WebhookEndpoint) -> None:
        def typed(token: str, trigger: str) -> int:
            raw = body("help", trigger, token=token)
            return int(post(mattermost, raw, {"Authorization": f"Token {token}"}).status_code)

        assert typed(TOKEN[:-1], "a") == typed("", "a") == typed(TOKEN, "") == 401
        assert [typed(TOKEN, "a"), typed(TOKEN, "a"), typed(TOKEN, "b")] == [200, 401, 200]
        raw = body("help")
        assert post(mattermost, raw, signed(raw)).status_code == 401, "Slack's proof is none there"

    def test_where_no_commands_are_heard_there_is_nothing(
        self, slack: WebhookEndpoint, keep: Callable[..., WebhookEndpoint], admin: User
    ) -> None:
        silent = keep("http://127.0.0.1:9/z", name="Silent", form="slack")
        other = keep("http://127.0.0.1:9/z", name="Ledger")
        operations.switch_off(slack, actor=actor_for(admin, Door.WEB))
        raw = body("help")
        answers = [post(one, raw, signed(raw)) for one in (slack, silent, other)]
        answers.append(Client().post(PATH.format(10**17), raw, FORM, headers=signed(raw)))
        assert [one.status_code for one in answers] == [404] * 4
        assert len({one.json()["detail"] for one in answers}) == 1

    def test_other_methods_and_bodies(self, slack: WebhookEndpoint) -> None:
        at = PATH.format(slack.pk)
        assert [getattr(Client(), one)(at).status_code for one in ("get", "put", "patch", "delete")] == [405] * 4
        assert Client().post(at, b"{}", "application/json").status_code == 415
        for raw in (b"text=a&text=b", b"&".join(b"%d=" % one for one in range(70))):
            assert post(slack, raw, signed(raw)).status_code == 400
        for raw, status in ((b"text=" + b"x" * 64_001, 413), (b"%00=%ff&user_id=%ff&text=%00", 200), (b"", 200)):
            assert post(slack, raw, signed(raw)).status_code == status

    def test_a_minute_has_so_many(self, slack: WebhookEndpoint) -> None:
        now = timezone.now()
        SlashCall.objects.bulk_create(SlashCall(endpoint=slack, key=str(n), at=now) for n in range(MOST_A_MINUTE))
        raw = body("help")
        assert post(slack, raw, signed(raw)).status_code == TooMany.status == 429
        later = now + timedelta(seconds=61)
        proven(slack, signed(raw, later.timestamp()), raw, {}, later)

    def test_a_secret_that_is_gone(self, slack: WebhookEndpoint, tmp_path: Path) -> None:
        (tmp_path / "slack-signing").unlink()
        raw = body("help")
        assert post(slack, raw, signed(raw)).status_code == 503


class TestLinking:
    def test_only_the_button_links_and_only_once(self, slack: WebhookEndpoint, agent: User, client: Client) -> None:
        at = f"/profile/chats/link/{token_in(say(slack, 'show INC-1'))}/"
        assert client.get(at)["Location"].startswith("/sign-in/")
        client.force_login(agent)
        page = client.get(at).content.decode()
        assert "Ops chat" in page
        assert "T0001:U2147483697" in page
        assert not ChatAccount.objects.exists(), "looking links nothing"
        assert client.post(at)["Location"] == "/profile/chats/"
        assert ChatAccount.objects.get().user == agent
        assert [client.get(at).status_code, client.post(at).status_code] == [404, 404]
        assert Entry.objects.get(event="user.chat_linked").actor_id == agent.pk
        assert "ada" in client.get("/profile/chats/").content.decode()

    def test_a_link_is_good_for_ten_minutes_while_commands_are_heard(
        self, slack: WebhookEndpoint, agent: User, admin: User
    ) -> None:
        now, actor = timezone.now(), actor_for(agent, Door.WEB)
        token = token_in(accounts.link_for(slack, "T:U", "ada", now))
        for wrong in (token[:-1], token + "x", "x:y:z"):
            with pytest.raises(NotFound):
                accounts.link(wrong, actor=actor, at=now)
        with pytest.raises(NotFound):
            accounts.link(token, actor=actor, at=now + timedelta(minutes=11))
        operations.switch_off(slack, actor=actor_for(admin, Door.WEB))
        with pytest.raises(NotFound):
            accounts.link(token, actor=actor, at=now)

    def test_nobody_takes_an_account_over_and_its_person_alone_ends_it(
        self, slack: WebhookEndpoint, agent: User, admin: User, client: Client
    ) -> None:
        early = token_in(say(slack, "help"))
        made = linked(slack, agent, trigger="2")
        with pytest.raises(Conflict):
            accounts.link(early, actor=actor_for(admin, Door.WEB), at=timezone.now())
        client.force_login(admin)
        assert client.post(f"/profile/chats/{made.pk}/end/").status_code == 404
        client.force_login(agent)
        assert client.get(f"/profile/chats/{made.pk}/end/").status_code == 405
        client.post(f"/profile/chats/{made.pk}/end/")
        assert "/profile/chats/link/" in say(slack, "help", trigger="3")
        assert Entry.objects.filter(event="user.chat_ended", actor_id=agent.pk).exists()

    def test_over_rest_everybody_sees_and_ends_their_own(
        self, slack: WebhookEndpoint, agent: User, admin: User, api: Any
    ) -> None:
        made = linked(slack, agent)
        (shown,) = api(agent).get("/api/v1/me/chat-accounts/").json()["results"]
        assert (shown["id"], shown["chat"], shown["name"]) == (made.pk, "Ops chat", "ada")
        assert api(admin).get("/api/v1/me/chat-accounts/").json()["results"] == []
        at = f"/api/v1/me/chat-accounts/{made.pk}/"
        assert [api(admin).get(at).status_code, api(admin).delete(at).status_code] == [404, 404]
        assert api(agent).delete(at).status_code == 204
        assert not ChatAccount.objects.exists()

    def test_it_ends_with_every_way_in_and_with_other_proof(
        self, slack: WebhookEndpoint, agent: User, admin: User, tmp_path: Path
    ) -> None:
        keeper = actor_for(admin, Door.WEB)
        linked(slack, agent)
        (tmp_path / "other").write_text("another-secret")
        changed = operations.edit(slack, actor=keeper, version=slack.version, slash_credential="other")
        assert not ChatAccount.objects.exists()
        operations.edit(changed, actor=keeper, version=changed.version, slash_credential="slack-signing")
        linked(slack, agent, trigger="2")
        people.deactivate(agent, actor=keeper)
        assert "/profile/chats/link/" in say(slack, "help", trigger="3")
        people.reactivate(agent, actor=keeper)
        assert "/profile/chats/link/" in say(slack, "help", trigger="4")
        forget()
        assert not ChatAccount.objects.exists()


class TestCommands:
    def test_show_note_acknowledge(self, slack: WebhookEndpoint, agent: User, open_one: Open) -> None:
        incident = open_one("Mail <!channel> is down")
        linked(slack, agent)
        shown = say(slack, f"show {incident.reference}", trigger="2")
        assert f"{incident.get_absolute_url()}|{incident.reference}>* Mail &lt;!channel&gt; is down\nNew" in shown
        say(slack, f"NOTE inc-{incident.pk} the pool is full\x00, I look", trigger="3")
        note = Note.objects.get()
        assert (note.text, note.private, note.by) == ("the pool is full, I look", True, agent)
        say(slack, f"acknowledge {incident.reference}", trigger="4")
        incident.refresh_from_db()
        assert incident.assigned_to == agent
        assert {one.via for one in Entry.objects.filter(event__in=("incident.noted", "incident.acknowledged"))} == {
            "chat"
        }
        refused = say(slack, f"acknowledge {incident.reference}", trigger="5")
        assert incident.reference in refused
        assert "Acknowledged, by you" not in refused
        assert "Say what to note" in say(slack, f"note {incident.reference}  ", trigger="6")
        assert Note.objects.count() == 1

    def test_what_one_may_not_see_is_what_does_not_exist(
        self, slack: WebhookEndpoint, requester: User, open_one: Open
    ) -> None:
        incident = open_one()
        linked(slack, requester)
        for turn, verb in enumerate(("show {}", "note {} words", "acknowledge {}", "approve {}")):
            hidden = say(slack, verb.format(incident.reference), trigger=f"a{turn}")
            missing = say(slack, verb.format("INC-99999"), trigger=f"b{turn}")
            assert hidden.replace(incident.reference, "INC-99999") == missing
        assert not Note.objects.exists()

    def test_a_caller_sees_theirs_and_notes_nothing(
        self, slack: WebhookEndpoint, requester: User, open_one: Open
    ) -> None:
        incident = open_one(caller=requester)
        linked(slack, requester)
        assert "Mail is down" in say(slack, f"show {incident.reference}", trigger="2")
        assert "writes no notes" in say(slack, f"note {incident.reference} hm", trigger="3")
        say(slack, f"acknowledge {incident.reference}", trigger="4")
        incident.refresh_from_db()
        assert (incident.status, incident.assigned_to, Note.objects.count()) == ("new", None, 0)

    def test_another_account_of_the_same_chat_is_nobodys(
        self, slack: WebhookEndpoint, agent: User, open_one: Open
    ) -> None:
        incident = open_one()
        linked(slack, agent)
        for turn, other in enumerate(({"user_id": "U9"}, {"team_id": "T9"}, {"user_id": ""})):
            said = say(slack, f"show {incident.reference}", trigger=f"c{turn}", **other)
            assert "Mail is down" not in said
        assert "/profile/chats/link/" not in said, "nobody is nobody to link"

    def test_of_what_is_confidential_a_chat_gets_the_link_alone(
        self, slack: WebhookEndpoint, agent: User, open_one: Open, payments: Team
    ) -> None:
        people.set_member(payments, agent, actor=SYSTEM)
        hidden = people.edit_queue(payments, actor=SYSTEM, version=2, takes_work=True, confidential=True)
        incident = open_one("Salaries are wrong")
        Incident.objects.filter(pk=incident.pk).update(team=hidden)
        linked(slack, agent)
        said = say(slack, f"show {incident.reference}", trigger="2")
        assert incident.get_absolute_url() in said
        assert "Salaries" not in said

    @pytest.mark.parametrize("verb", ["approve", "override", "accept", "Reject"])
    def test_deciding_is_a_link(self, slack: WebhookEndpoint, agent: User, open_one: Open, verb: str) -> None:
        incident = open_one()
        linked(slack, agent)
        before = Entry.objects.count()
        assert incident.get_absolute_url() in say(slack, f"{verb} {incident.reference} yes", trigger="2")
        assert "/approvals/|" in say(slack, verb, trigger="3")
        assert Entry.objects.count() == before

    @pytest.mark.parametrize("text", ["", "help", "show", "dance INC-1 <!here>", "note"])
    def test_anything_else_explains_itself(self, slack: WebhookEndpoint, agent: User, text: str) -> None:
        linked(slack, agent)
        said = say(slack, text, trigger="2")
        assert "/headroom acknowledge INC-42" in said
        assert "<!here>" not in said

    def test_mattermost_reads_markdown(self, mattermost: WebhookEndpoint, agent: User, open_one: Open) -> None:
        incident = open_one("@all **bold** [x](http://evil.example)")
        at, actor = timezone.now(), actor_for(agent, Door.WEB)
        accounts.link(token_in(accounts.link_for(mattermost, "U2147483697", "ada", at)), actor=actor, at=at)
        raw = body(f"show {incident.reference}", token=TOKEN)
        said = post(mattermost, raw, {}).json()["text"]
        assert "@all" not in said
        assert "](http://evil" not in said
        assert "](http" in said


class TestKeeping:
    def test_off_until_a_secret_is_named_and_only_where_it_can_be_proven(
        self, keep: Callable[..., WebhookEndpoint]
    ) -> None:
        assert keep("http://127.0.0.1:9/a", form="slack", name="A").slash_credential == ""
        for said in ({"form": "standard"}, {"form": "slack", "slash_credential": "no-such"}):
            with pytest.raises(InvalidInput) as refused:
                keep("http://127.0.0.1:9/b", name="B", **{"slash_credential": "mm-token", **said})
            assert set(refused.value.errors) == {"slash_credential"}

    def test_the_page_says_where_commands_go(self, slack: WebhookEndpoint, admin: User, client: Client) -> None:
        client.force_login(admin)
        assert PATH.format(slack.pk) in client.get(slack.get_absolute_url()).content.decode()
        assert (
            'name="slash_credential" value="slack-signing"'
            in client.get(f"{slack.get_absolute_url()}edit/").content.decode()
        )
