"""A team connects a mailbox, a customer writes, ten rounds of answers: over a real dovecot and real SMTP, both ways."""

from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.clocks import due
from itsm.mail import fetching
from itsm.mail.models import IncomingMail, Mailbox, UndeliverableAddress
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Delivery
from itsm.work.models import Note
from tests.itsm.mail.conftest import relay
from tests.itsm.mail.dovecot import Dovecot, dovecot
from tests.itsm.scripted_server import Authority, an_authority
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db

USER, BO = "payments@desk.example", "bo@customer.example"
ROUNDS = 10


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Dovecot]:
    certificate, key = authority.sign("dovecot", "IP:127.0.0.1")
    with dovecot(certificate=certificate, key=key) as running:
        yield running


@pytest.fixture
def desk(
    server: Dovecot, authority: Authority, mailbox: Mailbox, payments: Team, person: Any, settings: Any, tmp_path: Path
) -> User:
    """An agent of the team whose mailbox is connected, and open to people whom nobody knows."""
    (tmp_path / "mail").write_text("secret")
    (tmp_path / "ours.ca").write_bytes((authority.folder / "ca.pem").read_bytes())
    settings.SECRETS_DIR, settings.FILES_DIR = str(tmp_path), str(tmp_path / "files")
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
    mailbox.host, mailbox.port, mailbox.credential, mailbox.authority = "127.0.0.1", server.port, "mail", "ours"
    mailbox.is_open, mailbox.connected_at = True, timezone.now() - timedelta(seconds=2)
    mailbox.save()
    with server.beside(USER) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    agent = person("agent", payments, username="ada")
    User.objects.filter(pk=agent.pk).update(name="Ada Lovelace")
    return User.objects.get(pk=agent.pk)


def arrives(server: Dovecot, mail: EmailMessage | bytes) -> IncomingMail:
    """It is delivered to the mailbox, read from there, and applied."""
    server.put(USER, mail)
    assert fetching.fetch(Mailbox.objects.get(slug="payments"), timezone.now()).mails == 1
    due.sweep(timezone.now(), lanes=(Lane.INTAKE,))
    return IncomingMail.objects.latest("id")


def left(sink: Sink, to: str = BO) -> list[Message]:
    """What has left for this address since it was asked last, as its program reads it."""
    relay()
    read = [
        BytesParser(policy=policy.default).parsebytes(mail.as_bytes()) for to_all, mail in sink.mails if to in to_all
    ]
    sink.mails.clear()
    return read


def text_of(mail: Message) -> str:
    part = mail.get_body(("plain",))
    return part.get_content().replace("\r\n", "\n")


def answer_to(mail: Message, words: str, number: int) -> EmailMessage:
    """As a mail program answers: below an attribution all of what was said, quoted."""
    said = EmailMessage()
    said["From"], said["To"] = f"Bo <{BO}>", mail["Reply-To"]
    said["Subject"], said["Message-ID"] = str(mail["Subject"]), f"<answer-{number}@customer.example>"
    said["In-Reply-To"] = mail["Message-ID"]
    said["References"] = f"{mail['References'] or ''} {mail['Message-ID']}".strip()
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    said.set_content(f"{words}\n\nOn Sun, 29 Nov 2026 at 12:00, {mail['From']} wrote:\n\n{quoted}\n")
    return said


def first_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Bo <{BO}>", USER, "Cannot pay"
    mail["Message-ID"] = "<first@customer.example>"
    mail.set_content("My card is declined.")
    return mail


def test_ten_rounds_keep_their_size_and_their_order(server: Dovecot, desk: User, sink: Sink, as_actor: Any) -> None:
    opened = arrives(server, first_mail())
    incident = Incident.objects.get(pk=opened.record_id)
    assert (incident.title, incident.team.slug, incident.caller.email) == ("Cannot pay", "payments", BO)
    (acknowledged,) = left(sink)
    assert acknowledged["Auto-Submitted"] == "auto-generated"
    assert acknowledged["In-Reply-To"] == "<first@customer.example>"
    sizes, incident = [], operations.acknowledge(incident, actor=as_actor(desk))
    for number in range(ROUNDS):
        operations.reply(incident, actor=as_actor(desk), text=f"Question {number}?")
        incident = operations.hold(incident, actor=as_actor(desk), hold_reason="caller", reason="Asked")
        (question,) = [mail for mail in left(sink) if mail["Auto-Submitted"] is None]
        assert question["From"].addresses[0].display_name == "Ada Lovelace (Payments desk)"
        sizes.append(len(text_of(question)))
        heard = arrives(server, answer_to(question, f"Answer {number}.", number))
        assert heard.record_id == incident.pk, (heard.status, heard.reason, heard.flags)
        incident.refresh_from_db()
        assert incident.status == "in_progress"  # what waited for them goes on
    said = [note.text for note in Note.objects.filter(record_kind="incident", record_id=incident.pk).order_by("id")]
    assert said == [line for n in range(ROUNDS) for line in (f"Question {n}?", f"Answer {n}.")]
    assert len(set(sizes)) == 1
    ids = str(question["References"]).split()
    assert ids[0] == "<first@customer.example>"
    assert ids[-1] == f"<answer-{ROUNDS - 2}@customer.example>"
    assert len(ids) == 20


def test_an_out_of_office_note_changes_nothing_and_is_not_answered(
    server: Dovecot, desk: User, sink: Sink, as_actor: Any
) -> None:
    incident = Incident.objects.get(pk=arrives(server, first_mail()).record_id)
    incident = operations.acknowledge(incident, actor=as_actor(desk))
    operations.reply(incident, actor=as_actor(desk), text="Which card?")
    incident = operations.hold(incident, actor=as_actor(desk), hold_reason="caller", reason="Asked")
    question = left(sink)[-1]
    away = answer_to(question, "I am away.", 1)
    away["Auto-Submitted"] = "auto-replied"
    arrives(server, away)
    incident.refresh_from_db()
    assert incident.status == "on_hold"
    assert left(sink) == []


def test_a_report_that_nothing_arrived_stops_all_mail_there_and_tells_the_desk(
    server: Dovecot, desk: User, sink: Sink, as_actor: Any
) -> None:
    incident = Incident.objects.get(pk=arrives(server, first_mail()).record_id)
    incident = operations.acknowledge(incident, actor=as_actor(desk))
    operations.reply(incident, actor=as_actor(desk), text="Which card?")
    question = left(sink)[-1]
    report = f"""\
From: Mail Delivery System <mailer-daemon@mx.example>\r
To: {USER}\r
Subject: Undelivered Mail Returned to Sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
No such user.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; {BO}\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 no such user\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: {question["Message-ID"]}\r
To: {BO}\r
\r
--b--\r
"""
    arrives(server, report.encode())
    assert UndeliverableAddress.objects.get().address == BO
    operations.reply(incident, actor=as_actor(desk), text="Hello?")
    assert left(sink) == []
    assert not Delivery.objects.filter(delivered_at=None, dead_at=None).exists()
    assert desk.notifications.filter(event="incident.mail_bounced").exists()
