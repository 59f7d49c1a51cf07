"""What the desk says leaves as mail: threaded, from the team, and back to the record (RFC 5322, RFC 3834)."""

import re
import smtplib
import struct
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import trans_real

from incidents.incident import operations
from incidents.models import Incident
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.files.models import Attachment
from itsm.mail.models import Bounce, Mailbox, OutgoingMail, UndeliverableAddress
from itsm.mail.threads import Thread, loop_mark, message_id_for, thread_of
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.notifying import notify, send_to
from tests.factories.files import received
from tests.itsm.mail.conftest import relay
from tests.itsm.scripted_server import an_authority
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(person: Any) -> User:
    bo = person("requester", username="bo")
    bo.email = "Bo@Example.org"
    bo.set_password("correct horse battery")
    bo.save()
    return bo


@pytest.fixture
def ada(person: Any, payments: Team) -> User:
    ada = person("agent", payments, username="ada")
    ada.name = "Ada Lovelace"
    ada.save()
    return ada


@pytest.fixture
def incident(bo: User, ada: User, payments: Team, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(ada), title="Cannot pay", caller=bo, team=payments)


def the_mail(sink: Sink) -> Message:
    relay()
    ((_recipients, mail),) = sink.mails
    sink.mails.clear()
    return mail


def body(mail: Message, kind: str) -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == kind)
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")


def test_an_answer_of_an_agent_leaves_as_their_words_from_the_team(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any, settings: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Which card?\n\nSee https://help.example/cards")
    mail = the_mail(sink)
    told = Notification.objects.get(event="incident.answered")
    assert mail["From"] == '"Ada Lovelace (Payments desk)" <payments@desk.example>'
    assert mail["To"] == "Bo@Example.org"
    assert mail["Subject"] == f"Re: [{incident.reference}] Cannot pay"
    assert mail["Message-ID"] == message_id_for("incident", incident.pk, told.pk, "desk.example")
    assert mail["Reply-To"].startswith(f"payments+incident.{incident.pk}.")
    assert mail["X-Headroom-Loop"] == loop_mark()
    for header in ("Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "Precedence", "References"):
        assert mail[header] is None, header
    text = body(mail, "text/plain")
    assert text.startswith("Which card?\n\nSee https://help.example/cards\n\n-- \nPayments desk\nMonday to Friday\n")
    assert f"{incident.reference} on the desk: {settings.BASE_URL}{incident.get_absolute_url()}" in text
    assert "You get this" not in text
    assert '<a href="https://help.example/cards"' in body(mail, "text/html")


def test_words_that_were_said_before_make_no_letter_of_theirs(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Solved")
    said = the_mail(sink)
    incident.refresh_from_db()
    operations.resolve(incident, actor=as_actor(ada), resolution="Solved", resolution_code="solved")
    mail = the_mail(sink)
    assert (said["Auto-Submitted"], mail["Auto-Submitted"]) == (None, "auto-generated")
    assert "Ada" not in mail["From"]


def test_an_answer_that_resolves_as_one_deed_leaves_as_its_writers(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    with lifecycle.as_one(incident, actor=as_actor(ada)):
        operations.reply(incident, actor=as_actor(ada), text="The card was blocked.")
        operations.resolve(incident, actor=as_actor(ada), resolution="Unblocked", resolution_code="solved")
    mail = the_mail(sink)
    assert mail["From"] == '"Ada Lovelace (Payments desk)" <payments@desk.example>'
    assert "The card was blocked." in body(mail, "text/plain")


def test_who_cannot_sign_in_gets_no_link_to_a_page(
    sink: Sink, mailbox: Mailbox, incident: Incident, bo: User, ada: User, as_actor: Any, settings: Any
) -> None:
    bo.set_unusable_password()
    bo.save()
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    assert settings.BASE_URL not in the_mail(sink).as_string()


def test_it_speaks_the_language_of_the_mailbox_to_who_has_said_none(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any, settings: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(catalogue({"%(reference)s on the desk": "%(reference)s am Schalter"}))
    settings.LOCALE_PATHS, settings.LANGUAGES = [str(tmp_path)], [("en", "English"), ("de", "Deutsch")]
    settings.USE_I18N = True
    trans_real._translations.pop("de", None)
    Mailbox.objects.update(language="de")
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    assert f"{incident.reference} am Schalter: http" in body(the_mail(sink), "text/plain")
    trans_real._translations.pop("de", None)


def catalogue(words: dict[str, str]) -> bytes:
    """A compiled catalogue of messages (GNU gettext)."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **words}.items())
    ids, texts, offsets = b"", b"", []
    for before, after in pairs:
        offsets.append((len(before.encode()), len(ids), len(after.encode()), len(texts)))
        ids, texts = ids + before.encode() + b"\0", texts + after.encode() + b"\0"
    start = 28 + 16 * len(pairs)
    table = [number for size, at, *_ in offsets for number in (size, start + at)]
    table += [number for *_, size, at in offsets for number in (size, start + len(ids) + at)]
    head = [0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start]
    return struct.pack(f"<{len(head) + len(table)}I", *head, *table) + ids + texts


def test_the_answer_to_it_finds_the_record(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    mail = the_mail(sink)
    here = {"sender": "bo@example.org", "at": timezone.now()}
    found = Thread("incident", incident.pk, "references")
    assert thread_of(references=[mail["Message-ID"]], recipients=[], **here) == found
    assert thread_of(references=[], recipients=[mail["Reply-To"]], **here) == Thread("incident", incident.pk, "token")


def test_twenty_answers_refer_to_one_another_and_none_grows(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    sent = []
    for number in range(25):
        operations.reply(incident, actor=as_actor(ada), text=f"Answer {number:02d}.")
        sent.append(the_mail(sink))
    ids = [mail["Message-ID"] for mail in sent]
    assert len(set(ids)) == 25
    assert sent[1]["In-Reply-To"] == ids[0]
    assert sent[24]["In-Reply-To"] == ids[23]
    assert re.split(r"\s+", sent[24]["References"]) == ids[4:24]
    assert len({mail["Subject"] for mail in sent}) == 1
    sizes = {len(body(mail, kind)) for mail in sent for kind in ["text/plain"]}
    assert len(sizes) == 1
    assert len(sent[24].as_bytes()) < len(sent[21].as_bytes()) + 200


def test_news_that_no_person_said_say_so(
    sink: Sink, mailbox: Mailbox, incident: Incident, bo: User, ada: User, as_actor: Any
) -> None:
    operations.resolve(incident, actor=as_actor(ada), resolution="The card was renewed.", resolution_code="solved")
    mail = the_mail(sink)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Headroom-Loop"] == loop_mark()
    assert mail["From"] == "Payments desk <payments@desk.example>"
    assert f"[{incident.reference}]" in mail["Subject"]
    assert "You get this" in body(mail, "text/plain")
    bo.set_unusable_password()
    bo.save()
    operations.reopen(incident, actor=as_actor(bo), reason="Not yet")
    operations.resolve(incident, actor=as_actor(ada), resolution="Now it is.", resolution_code="solved")
    assert "/profile/" not in the_mail(sink).as_string()  # nothing that they could open


def test_an_answer_brings_its_files(sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any) -> None:
    content = b"%PDF-1.4 a receipt \xff"
    operations.say(
        incident, actor=as_actor(ada), text="The receipt.", private=False, received=[received("Beleg ü.pdf", content)]
    )
    Attachment.objects.update(state="waiting")
    relay()
    assert sink.mails == []  # a scanner has not looked at it
    Attachment.objects.update(state="clean")
    Delivery.objects.update(due_at=timezone.now())
    mail = the_mail(sink)
    ((part),) = [part for part in mail.walk() if part.get_content_disposition() == "attachment"]
    assert part.get_payload(decode=True) == content
    assert part.get_filename() == "Beleg ü.pdf"


def test_a_private_note_never_leaves(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    operations.note(incident, actor=as_actor(ada), text="The card was stolen.")
    relay()
    assert sink.mails == []


def test_without_a_mailbox_it_leaves_as_before_and_is_threaded_still(
    sink: Sink, incident: Incident, ada: User, as_actor: Any, settings: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    mail = the_mail(sink)
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL
    assert mail["Reply-To"] is None
    found = thread_of(references=[mail["Message-ID"]], recipients=[], sender="bo@example.org", at=timezone.now())
    assert found == Thread("incident", incident.pk, "references")


def test_the_same_mail_is_sent_again_as_the_same(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    first = the_mail(sink)
    Delivery.objects.update(delivered_at=None)
    again = the_mail(sink)
    assert first["Message-ID"] == again["Message-ID"]
    assert (first["References"], again["References"]) == (None, None)
    assert OutgoingMail.objects.count() == 1


def test_collected_news_may_be_unsubscribed_and_nothing_else(sink: Sink, mailbox: Mailbox, bo: User) -> None:
    send_to(bo, "3 pieces of news", "one", "digest-1", is_collected=True)
    assert "/profile/notifications/" in the_mail(sink)["List-Unsubscribe"]
    notify([bo], "News")
    assert the_mail(sink)["List-Unsubscribe"] is None


def test_titles_and_names_cannot_add_headers(
    sink: Sink, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    Incident.objects.update(title="Hello\r\nBcc: all@example.org\r\n\r\nBuy")
    Mailbox.objects.update(from_name='Desk"\r\nBcc: all@example.org')
    User.objects.filter(pk=ada.pk).update(name='Ada "the\r\nBcc: x@example.org" <eve@example.org>')
    operations.reply(incident, actor=as_actor(ada), text="x\r\n.\r\nMAIL FROM:<evil@example.com>")
    relay()
    ((recipients, mail),) = sink.mails
    assert recipients == ["Bo@Example.org"]
    assert mail["Bcc"] is None
    parsed = default.header_factory("From", re.sub(r"[\r\n]+", "", mail["From"]))
    assert [address.addr_spec for address in parsed.addresses] == ["payments@desk.example"]


class _Refusing(Sink):
    """Answers RCPT with what it is told to."""

    answer = b"550 5.1.1 no such user\r\n"

    def _talk(self, line: Any) -> None:
        line.write(b"220 sink\r\n")
        while said := line.readline().decode().strip():
            verb = said[:4].upper()
            line.write(b"221 bye\r\n" if verb == "QUIT" else self.answer if verb == "RCPT" else b"250 ok\r\n")
            if verb == "QUIT":
                return


@pytest.fixture
def refusing(settings: Any) -> Any:
    with _Refusing() as listening:
        settings.EMAIL_BACKEND = "itsm.notifications.mail.AsConfigured"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        yield listening


def test_an_address_that_the_server_refuses_for_good_is_written_to_no_more(
    refusing: _Refusing, mailbox: Mailbox, incident: Incident, bo: User, ada: User, as_actor: Any, settings: Any
) -> None:
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    relay()
    assert UndeliverableAddress.objects.get().address == "bo@example.org"
    assert ada.notifications.filter(event="incident.mail_bounced").exists()
    assert not Delivery.objects.filter(delivered_at=None).exists()
    with Sink() as sink:
        settings.EMAIL_PORT = sink.port
        operations.reply(incident, actor=as_actor(ada), text="Hello?")
        notify([bo], "News")
        relay()
        assert sink.mails == []
    assert not Delivery.objects.filter(delivered_at=None).exists()


def test_an_address_that_the_server_refuses_for_now_stays_owed(
    refusing: _Refusing, mailbox: Mailbox, incident: Incident, ada: User, as_actor: Any
) -> None:
    refusing.answer = b"451 4.7.1 greylisted\r\n"
    operations.reply(incident, actor=as_actor(ada), text="Which card?")
    relay()
    assert smtplib.SMTPRecipientsRefused.__name__ in Delivery.objects.get(delivered_at=None).last_error
    assert not Bounce.objects.exists()


@pytest.mark.parametrize("trusted", [True, False])
def test_mail_leaves_over_starttls_to_whom_our_authority_vouches_for(
    incident: Incident, ada: User, as_actor: Any, settings: Any, tmp_path: Path, trusted: bool
) -> None:
    authority = an_authority(tmp_path)
    with Sink(authority.server_context()) as secure:
        settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = "itsm.notifications.mail.AsConfigured", True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", secure.port
        settings.CA_BUNDLE = str(authority.folder / "ca.pem") if trusted else ""
        operations.reply(incident, actor=as_actor(ada), text="Try again.")
        relay()
    assert [recipients for recipients, _mail in secure.mails] == ([["Bo@Example.org"]] if trusted else [])
    assert {one[:4] for one in secure.said} == {"EHLO", "STAR"}, "nothing else in the clear"
    assert Delivery.objects.filter(channel="mail", delivered_at=None).exists() != trusted
