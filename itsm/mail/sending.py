"""The envelope of what the desk says to people: whom it comes from, what it answers on, and where answers go.

A letter about a record leaves from its team's mailbox, under a Message-ID that names the record, with the last of what
was said before as References; who answers it writes to an address of their own. What a person said leaves as theirs;
all else says that a program sent it (RFC 3834).
"""

import re
import smtplib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from email.encoders import encode_base64
from email.headerregistry import Address
from email.mime.base import MIMEBase
from mimetypes import guess_type

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from itsm.configuration.reading import MailServer
from itsm.mail import bouncing, handing, subjects, threads, undeliverable, words
from itsm.mail.drawn import Drawn
from itsm.mail.models import Mailbox, OutgoingMail
from itsm.mail.names import domain_of, home_domain, mailbox_for, plain
from itsm.notifications.letters import Letter
from itsm.notifications.rules import WISHES
from itsm.notifications.web_addresses import our_address
from itsm.work.models import Note

LOOP = "X-Headroom-Loop"
_ODD = re.compile(r'["\\<>@\x00-\x1f\x7f]')  # what no name needs, and what mail programs have taken for addresses
_ENHANCED = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class _Thread:
    """A letter that is about a record: the record, the mailbox that it leaves from, and its own Message-ID."""

    kind: str
    record_id: int
    about: subjects.About
    mailbox: Mailbox | None
    message_id: str


def carry(letter: Letter) -> bool:
    """Send a letter; True also where nothing is sent, because nothing is delivered there.

    An address that the server refuses for good is as one that bounced; whatever else it refuses is raised, and the
    letter stays owed.
    """
    if undeliverable.is_undeliverable(letter.to.email):
        return True
    thread = _thread_of(letter)
    note = words.spoken(letter.notification) if letter.notification is not None and thread is not None else None
    with _speaking_to(letter, thread):
        message = _message(letter, thread, note)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        if not _is_for_good(refused):
            raise
        _keep(letter, thread, message)
        _hear_refusal(letter, refused, message)
        return True
    _keep(letter, thread, message)
    return True


def _speaking_to(letter: Letter, thread: _Thread | None) -> AbstractContextManager[None]:
    """In the mailbox's language, to who has said none of their own."""
    box = thread.mailbox if thread is not None else None
    own: str = getattr(letter.to, "language", "")
    if box is None or own:
        return nullcontext()
    return translation.override(box.language)


def _thread_of(letter: Letter) -> _Thread | None:
    told = letter.notification
    about = subjects.about(told.record_kind, told.record_id) if told is not None else None
    if told is None or about is None or told.record_id is None:
        return None
    box = mailbox_for(team_id=about.team_id)
    domain = domain_of(box.address) if box is not None else home_domain()
    message_id = threads.message_id_for(told.record_kind, told.record_id, told.pk, domain)
    return _Thread(told.record_kind, told.record_id, about, box, message_id)


def _message(letter: Letter, thread: _Thread | None, note: Note | None) -> EmailMultiAlternatives:
    box = thread.mailbox if thread is not None else None
    packed, left_out = words.files_of(note) if note is not None else ([], [])
    drawn = _drawn(letter, thread, note, left_out)
    message = EmailMultiAlternatives(
        subject=_subject(letter, thread, note),
        body=drawn.text,
        from_email=_sender(box, note),
        to=[letter.to.email],
        headers=_headers(letter, thread, is_spoken=note is not None),
    )
    message.attach_alternative(drawn.html, "text/html")
    for name, content in packed:
        message.attach(_part(name, content))
    if thread is not None and box is not None and handing.handler_of(thread.kind) is not None:
        now = timezone.now()
        message.reply_to = [threads.token_address(box, thread.kind, thread.record_id, letter.to.email, at=now)]
    return message


def _drawn(letter: Letter, thread: _Thread | None, note: Note | None, left_out: list[str]) -> Drawn:
    signature = thread.mailbox.signature if thread is not None and thread.mailbox is not None else ""
    if thread is None:
        return Drawn(letter.body, signature, letter.link, ending=letter.ending, why=letter.why)
    # Who cannot sign in has no use for pages: they answer the mail.
    link, why = (letter.link, letter.why) if letter.to.has_usable_password() else ("", "")
    link_text = gettext("%(reference)s on the desk") % {"reference": thread.about.reference}
    why = why if note is None else ""
    return Drawn(letter.body, signature, link, link_text, letter.ending, why, tuple(left_out))


def _subject(letter: Letter, thread: _Thread | None, note: Note | None) -> str:
    if thread is None:
        return " ".join(letter.subject.split())
    if note is not None:
        return " ".join(f"Re: [{thread.about.reference}] {thread.about.title}".split())
    return subjects.tagged(letter.subject, thread.about.reference)


def _headers(letter: Letter, thread: _Thread | None, *, is_spoken: bool) -> dict[str, str]:
    headers = {LOOP: threads.loop_mark()}
    if not is_spoken:
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if letter.is_collected:
        headers["List-Unsubscribe"] = f"<{our_address(WISHES)}>"
    if thread is None:
        return headers | {"Message-ID": f"<{letter.key}@{home_domain()}>"}
    headers["Message-ID"] = thread.message_id
    if earlier := threads.earlier_ids(thread.kind, thread.record_id, letter.to.email, before=thread.message_id):
        headers |= {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}
    return headers


def _sender(box: Mailbox | None, note: Note | None) -> str:
    """ "Ada Lovelace (Payments)" for what a person said, the team for all else, at the address of its mailbox."""
    if box is None:
        return MailServer().sender
    team = box.from_name or box.team.name
    shown = f"{note.by} ({team})" if note is not None else team
    local, _at, domain = box.address.rpartition("@")
    return str(Address(" ".join(_ODD.sub(" ", shown).split())[:120], username=local, domain=domain))


def _part(name: str, content: bytes) -> MIMEBase:
    kind, _encoding = guess_type(name)
    main, _slash, sub = (kind or "application/octet-stream").partition("/")
    if main in {"text", "message", "multipart"}:  # as bytes: what is in it is not ours to read
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub)
    part.set_payload(content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _keep(letter: Letter, thread: _Thread | None, message: EmailMultiAlternatives) -> None:
    """The mail is known by its Message-ID from now on; sent again after a crash it is the same one."""
    if thread is None:
        return
    OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                message_id=thread.message_id, record_kind=thread.kind, record_id=thread.record_id,
                mailbox=thread.mailbox, to=plain(letter.to.email), person=letter.to, at=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _is_for_good(refused: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _said in refused.recipients.values())


@transaction.atomic
def _hear_refusal(letter: Letter, refused: smtplib.SMTPRecipientsRefused, message: EmailMultiAlternatives) -> None:
    """Counted as a bounce, and told to who works on the record as one."""
    now = timezone.now()
    for _code, said in refused.recipients.values():
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        found = _ENHANCED.search(text)
        bounced = undeliverable.hear_bounce(
            message_id=str(message.extra_headers["Message-ID"]), recipient=letter.to.email,
            code=found[1] if found else "5.0.0", said=text, at=now,
        )  # fmt: skip
        if bounced is not None:
            bouncing.tell_record(bounced, now)
