"""Mailboxes as people and programs keep them; addresses that mail does not reach, and letting it go again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations import merge_teams
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.mail import alarms, fetching
from itsm.mail.boxes import operations
from itsm.mail.models import Mailbox, OutgoingMail, UndeliverableAddress
from itsm.mail.undeliverable import hear_bounce, is_undeliverable, undeliverable_among
from tests.together import each_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
IMAP = {"host": "imap.desk.example", "credential": "mail-ops"}


@pytest.fixture
def kept(admin: User, as_actor: Any, payments: Team) -> Mailbox:
    return operations.create_mailbox(
        actor=as_actor(admin), slug="ops", address="Ops@Desk.example", team=payments, at=NOW, **IMAP
    )


def promised(box: Mailbox) -> set[str]:
    open_ones = Due.objects.filter(record_kind="mailbox", record_id=box.pk, done_at=None)
    return set(open_ones.values_list("name", flat=True))


class TestKeeping:
    def test_a_connected_mailbox_is_read_from_now_on(self, kept: Mailbox) -> None:
        assert (kept.address, kept.connected_at) == ("ops@desk.example", NOW)
        assert promised(kept) == {fetching.FETCHING, alarms.KEEPING}
        assert Entry.objects.filter(event="mailbox.created", record_id=kept.pk).exists()

    def test_one_that_is_not_connected_promises_nothing(self, admin: User, as_actor: Any, payments: Team) -> None:
        made = operations.create_mailbox(
            actor=as_actor(admin), slug="door", address="door@desk.example", team=payments, at=NOW
        )
        assert promised(made) == set()

    @each_of("role", ["agent", "engineer", "manager", "owner", "auditor", "requester"])
    def test_administrators_alone_keep_them(
        self, person: Any, as_actor: Any, payments: Team, kept: Mailbox, role: str
    ) -> None:
        actor = as_actor(person(role))
        with pytest.raises(NotPermitted):
            operations.create_mailbox(actor=actor, slug="x", address="x@desk.example", team=payments, at=NOW)
        for call in (
            lambda: operations.edit_mailbox(kept, actor=actor, version=kept.version, host="evil.example"),
            lambda: operations.pause_mailbox(kept, actor=actor),
        ):
            with pytest.raises(NotPermitted):
                call()

    @each_of(
        ("wrong", "field"),
        [
            ({"address": "no address"}, "address"),
            ({"address": "ops+1@desk.example"}, "address"),
            ({"aliases": ["ops+1@desk.example"]}, "aliases"),
            ({"aliases": [f"a{n}@desk.example" for n in range(51)]}, "aliases"),
            ({"language": "tlh"}, "language"),
            ({"host": "imap.example:993"}, "host"),
            ({"host": "user@imap.example"}, "host"),
            ({"credential": ""}, "credential"),
            ({"username": "a:b"}, "username"),
            ({"auth": "xoauth2", "client_id": "x"}, "token_url"),
            ({"auth": "xoauth2", "client_id": "x", "token_url": "http://issuer.example/token"}, "token_url"),
            ({"auth": "xoauth2", "token_url": "https://issuer.example/token"}, "client_id"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_used_is_said_beside_its_field(
        self, admin: User, as_actor: Any, kept: Mailbox, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            operations.edit_mailbox(kept, actor=as_actor(admin), version=kept.version, **wrong)
        assert list(refused.value.errors) == [field]

    def test_an_address_belongs_to_one_mailbox(self, admin: User, as_actor: Any, kept: Mailbox, payments: Team) -> None:
        operations.edit_mailbox(kept, actor=as_actor(admin), version=kept.version, aliases=["alerts@desk.example"])
        for taken in (
            {"address": "OPS@desk.example"},
            {"address": "b@desk.example", "aliases": ["Alerts@desk.example"]},
        ):
            with pytest.raises(Conflict):
                operations.create_mailbox(actor=as_actor(admin), slug="b", team=payments, at=NOW, **taken)

    def test_the_default_moves(self, admin: User, as_actor: Any, kept: Mailbox, payments: Team) -> None:
        operations.edit_mailbox(kept, actor=as_actor(admin), version=kept.version, is_default=True)
        operations.create_mailbox(
            actor=as_actor(admin), slug="b", address="b@desk.example", team=payments, at=NOW, is_default=True
        )
        assert list(Mailbox.objects.filter(is_default=True).values_list("slug", flat=True)) == ["b"]

    def test_read_elsewhere_it_is_read_from_now_on(self, admin: User, as_actor: Any, kept: Mailbox) -> None:
        Mailbox.objects.update(uidvalidity=7, last_uid=100, read_at=NOW, warned=["unread"], last_error="x")
        kept.refresh_from_db()
        moved = operations.edit_mailbox(kept, actor=as_actor(admin), version=kept.version, folder="Support")
        assert (moved.uidvalidity, moved.last_uid, moved.read_at, moved.warned) == (None, 0, None, [])
        assert moved.connected_at > NOW
        Mailbox.objects.update(uidvalidity=7, last_uid=100)
        moved.refresh_from_db()
        same = operations.edit_mailbox(moved, actor=as_actor(admin), version=moved.version, signature="Yours")
        assert (same.uidvalidity, same.last_uid) == (7, 100)

    def test_paused_it_is_asked_no_more_and_its_token_is_kept_alive(
        self, admin: User, as_actor: Any, kept: Mailbox
    ) -> None:
        Mailbox.objects.update(uidvalidity=7, last_uid=100, read_at=NOW)
        paused = operations.pause_mailbox(kept, actor=as_actor(admin))
        assert promised(paused) == {alarms.KEEPING}
        assert not alarms.is_unread(paused, NOW + timedelta(days=2))
        with pytest.raises(WrongState):
            operations.pause_mailbox(kept, actor=as_actor(admin))
        resumed = operations.resume_mailbox(kept, actor=as_actor(admin))
        assert (resumed.uidvalidity, resumed.last_uid) == (7, 100)
        assert promised(resumed) == {fetching.FETCHING, alarms.KEEPING}
        assert not alarms.is_unread(resumed, timezone.now() + timedelta(minutes=14))
        assert alarms.is_unread(resumed, timezone.now() + timedelta(minutes=16))

    def test_it_follows_a_team_that_is_merged(self, admin: User, as_actor: Any, kept: Mailbox, payments: Team) -> None:
        money = Team.objects.create(name="Money", slug="money", takes_work=True)
        merge_teams(payments, into=money, actor=as_actor(admin))
        kept.refresh_from_db()
        assert kept.team == money


@pytest.fixture
def mail() -> OutgoingMail:
    return OutgoingMail.objects.create(
        message_id="<incident.1.1.x@desk.example>", record_kind="incident", record_id=1, to="bo@example.org", at=NOW
    )


def another(number: int) -> OutgoingMail:
    return OutgoingMail.objects.create(
        message_id=f"<another-{number}@desk.example>", record_kind="incident", record_id=1, to="bo@example.org", at=NOW
    )


class TestBounces:
    @pytest.mark.parametrize(
        ("codes", "stops_at"),
        [
            (["5.1.1"], 1),
            (["5.1.10"], 1),
            (["5.7.1", "5.7.1"], 2),
            (["5.2.2", "5.7.1"], 2),
            (["4.4.1", "4.4.7", "4.2.2"], 3),
            (["4.4.1", "5.2.2", "4.4.7", "5.2.2"], 4),
            (["4.4.1", "5.2.2", "4.4.7"], None),
        ],
    )
    def test_by_class(self, codes: list[str], stops_at: int | None) -> None:
        stopped = []
        for number, code in enumerate(codes, 1):
            heard = hear_bounce(message_id=another(number).message_id, code=code, said="no", at=NOW)
            assert heard is not None
            stopped.append(heard.is_undeliverable)
        assert stopped == [stops_at is not None and number >= stops_at for number in range(1, len(codes) + 1)]

    @pytest.mark.parametrize(("hours", "stops"), [(7 * 24 - 1, True), (7 * 24, False)])
    def test_delays_count_within_seven_days(self, hours: int, stops: bool) -> None:
        for number, at in enumerate((NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=hours))):
            heard = hear_bounce(message_id=another(number).message_id, code="4.4.7", at=at)
        assert heard is not None
        assert heard.is_undeliverable == stops

    def test_the_same_report_counts_once(self, mail: OutgoingMail) -> None:
        for _ in range(3):
            heard = hear_bounce(message_id=mail.message_id, code="5.7.1", at=NOW)
        assert heard is not None
        assert not heard.is_undeliverable
        mail.refresh_from_db()
        assert mail.bounced_at == NOW

    def test_by_recipient_where_the_report_names_no_mail(self, mail: OutgoingMail) -> None:
        heard = hear_bounce(recipient="BO@example.org", code="5.1.1", at=NOW)
        assert heard is not None
        assert heard.outgoing == mail
        assert is_undeliverable("Bo@Example.org")

    def test_nobody_stops_mail_to_where_we_never_wrote_or_to_ourselves(
        self, mail: OutgoingMail, mailbox: Mailbox
    ) -> None:
        assert hear_bounce(message_id="<x@y>", recipient="eve@example.org", code="5.1.1", at=NOW) is None
        OutgoingMail.objects.update(to=mailbox.aliases[0])
        assert hear_bounce(message_id=mail.message_id, code="5.1.1", at=NOW) is None
        assert not UndeliverableAddress.objects.exists()

    def test_lifted_it_counts_anew(self, mail: OutgoingMail, agent: User, as_actor: Any) -> None:
        for number in range(2):
            hear_bounce(message_id=another(number).message_id, code="5.7.1", at=NOW)
        (found,) = UndeliverableAddress.objects.all()
        operations.lift(found, actor=as_actor(agent), at=NOW + timedelta(hours=1))
        assert not is_undeliverable("bo@example.org")
        with pytest.raises(WrongState):
            operations.lift(found, actor=as_actor(agent), at=NOW)
        heard = hear_bounce(message_id=another(3).message_id, code="5.7.1", at=NOW + timedelta(hours=2))
        assert heard is not None
        assert not heard.is_undeliverable
        heard = hear_bounce(message_id=another(4).message_id, code="5.7.1", at=NOW + timedelta(hours=3))
        assert heard is not None
        assert heard.is_undeliverable
        assert undeliverable_among(["a@example.org", "BO@example.org"]) == {"bo@example.org"}

    @pytest.mark.parametrize("role", ["requester", "auditor", "engineer"])
    def test_who_talks_to_nobody_lifts_nothing(self, person: Any, as_actor: Any, role: str) -> None:
        found = UndeliverableAddress.objects.create(address="bo@example.org", since=NOW, code="5.1.1", reason="x")
        with pytest.raises(NotPermitted):
            operations.lift(found, actor=as_actor(person(role)), at=NOW)


class TestOverRest:
    def test_a_mailbox_is_made_changed_tested_paused_and_resumed(self, api: Any, admin: User, payments: Team) -> None:
        client = api(admin)
        made = client.post(
            "/api/v1/mailboxes/",
            {"slug": "ops", "address": "ops@desk.example", "team": "payments", "host": "127.0.0.1", "credential": "x"},
            format="json",
        )
        assert made.status_code == 201, made.json()
        assert made.json()["status"] == "on"
        changed = client.patch(
            "/api/v1/mailboxes/ops/", {"signature": "Yours"}, format="json", HTTP_IF_MATCH=made["ETag"]
        )
        assert (changed.status_code, changed.json()["signature"]) == (200, "Yours")
        tried = client.post("/api/v1/mailboxes/ops/test/", {}, format="json")
        assert tried.status_code == 200
        assert tried.json()["is_good"] is False
        assert "HEADROOM_SECRETS_DIR" in tried.json()["steps"][-1]["said"]
        assert client.post("/api/v1/mailboxes/ops/pause/", {}, format="json").json()["status"] == "paused"
        assert client.post("/api/v1/mailboxes/ops/pause/", {}, format="json").status_code == 409
        assert client.post("/api/v1/mailboxes/ops/resume/", {}, format="json").json()["status"] == "on"

    def test_an_address_is_lifted(self, api: Any, agent: User) -> None:
        found = UndeliverableAddress.objects.create(address="bo@example.org", since=NOW, code="5.1.1", reason="x")
        client = api(agent)
        listed = client.get("/api/v1/undeliverable-addresses/?standing=true").json()["results"]
        assert [one["address"] for one in listed] == ["bo@example.org"]
        assert client.post(f"/api/v1/undeliverable-addresses/{found.pk}/lift/", {}, format="json").status_code == 200
        assert client.get("/api/v1/undeliverable-addresses/?standing=true").json()["results"] == []


class TestPages:
    def test_the_first_mailbox_is_added_where_the_empty_page_leads(self, web: Any, admin: User, payments: Team) -> None:
        payments.takes_work = True
        payments.save()
        client = web(admin)
        assert b"/mail/mailboxes/new/" in client.get("/mail/mailboxes/").content
        sent = {
            "address": "Support@desk.example", "team": payments.pk, "aliases": "help@desk.example, it@desk.example",
            "is_open": "on", "host": "", "port": "993", "security": "tls", "folder": "INBOX", "auth": "password", "language": "en",
        }  # fmt: skip
        answer = client.post("/mail/mailboxes/new/", sent)
        assert answer.status_code == 302, answer.content
        made = Mailbox.objects.get()
        assert (made.slug, made.address, made.is_open) == ("support", "support@desk.example", True)
        assert made.aliases == ["help@desk.example", "it@desk.example"]
        assert client.get(made.get_absolute_url()).status_code == 200

    def test_it_is_tested_and_paused_on_its_page(self, web: Any, admin: User, kept: Mailbox) -> None:
        client = web(admin)
        tried = client.post(f"/mail/mailboxes/{kept.slug}/test/")
        assert b"was found neither as a file" in tried.content
        assert client.post(f"/mail/mailboxes/{kept.slug}/pause/").status_code == 302
        kept.refresh_from_db()
        assert kept.status == "paused"

    def test_who_cannot_be_reached_is_marked_and_let_go_again(self, web: Any, agent: User, person: Any) -> None:
        bo = person("requester", username="bo")
        User.objects.filter(pk=bo.pk).update(email="bo@example.org")
        found = UndeliverableAddress.objects.create(
            address="bo@example.org", since=NOW, code="5.1.1", reason="no such user"
        )
        client = web(agent)
        page = client.get("/mail/undeliverable/").content.decode()
        assert "bo@example.org" in page
        assert "no such user" in page
        assert client.post(f"/mail/undeliverable/{found.pk}/lift/").status_code == 302
        assert "bo@example.org" not in client.get("/mail/undeliverable/").content.decode().replace(
            "sent to bo@example.org", ""
        )

    def test_mail_is_found_by_everybody_who_works_here_and_what_waits_by_who_decides(
        self, web: Any, agent: User, payments: Team
    ) -> None:
        assert 'href="/mail/mailboxes/"' in web(agent).get("/incidents/").content.decode()
        assert 'href="/mail/in/"' not in web(agent).get("/mail/mailboxes/").content.decode()
        Membership.objects.create(team=payments, user=agent, lead=True)
        assert 'href="/mail/in/"' in web(agent).get("/mail/mailboxes/").content.decode()
