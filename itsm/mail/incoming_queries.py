"""Reads of mail that came in: what lies parked, what became of each, and the mail behind a note or a record."""

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.accounts.queues import rights_in_queues
from itsm.files import readers, scanning
from itsm.files.vocabulary import State
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound
from itsm.mail import raw
from itsm.mail.models import BlockedSender, IncomingMail
from itsm.mail.parsing.headers import headers_of
from itsm.mail.parsing.parsed import TooMuch
from itsm.mail.parsing.reading import safe_text
from itsm.mail.reasons import Status
from itsm.work import linkable

_SHOWN = 64 * 1024


def incoming(actor: Actor, status: str = "") -> "QuerySet[IncomingMail]":
    """What the actor decides about, newest first; of one status, or of all."""
    found = IncomingMail.objects.visible_to(actor).select_related("mailbox", "mailbox__team", "person")
    return found.filter(status=status) if status else found


def parked_count(actor: Actor) -> int:
    """How many wait for somebody's decision."""
    return IncomingMail.objects.visible_to(actor).filter(status=Status.PARKED).count()


def blocked(actor: Actor) -> "QuerySet[BlockedSender]":
    """Whose mail is ignored: everywhere, and in mailboxes whose queue is not hidden from the actor."""
    found = BlockedSender.objects.select_related("by", "mailbox")
    return found.exclude(mailbox__team__in=sorted(rights_in_queues(actor).hidden))


def by_number(actor: Actor, number: int) -> IncomingMail:
    """A mail that the actor decides about, or one of a record whose private side they read.

    NotFound for everybody else, as where there is none.
    """
    mail = IncomingMail.objects.select_related("mailbox", "mailbox__team", "person").filter(pk=number).first()
    if mail is None or not (_reads(actor, mail) or IncomingMail.objects.visible_to(actor).filter(pk=number).exists()):
        raise NotFound(gettext("There is no such mail, or you may not see it."))
    return mail


def _reads(actor: Actor, mail: IncomingMail) -> bool:
    if mail.record_id is None:
        return False
    how = readers.reading(actor, mail.record_kind, mail.record_id)
    return how is not None and how.reads_all


def put_on(notes: Collection[Any]) -> None:
    """Give each note the `mail` that it came by, or None. One query."""
    found = {
        mail.note_id: mail for mail in IncomingMail.objects.filter(note__in=[note.pk for note in notes]).defer("html")
    }
    for note in notes:
        note.mail = found.get(note.pk)


def opening_mail(record: Any) -> IncomingMail | None:
    """The mail that a record began with, where one did."""
    return (
        IncomingMail.objects.filter(record_kind=record.kind, record_id=record.pk, did__in=("opened", "followed"))
        .defer("html").order_by("id").first()
    )  # fmt: skip


def original(mail: IncomingMail) -> Path:
    """Where its bytes lie, for who may have them. Conflict where the scanner refused it or says nothing, NotFound where
    they are gone."""
    place = raw.place_of(mail.sha256)
    if mail.original_gone or not place.is_file():
        raise NotFound(gettext("The bytes of this mail are not on the server."))
    verdict = scanning.verdict(str(settings.FILES_SCANNER), place)
    if verdict == State.REFUSED:
        raise Conflict(gettext("The scanner refused this mail; nobody is given it."))
    if verdict == State.WAITING:
        raise Conflict(gettext("The scanner says nothing at the moment; the mail is given out once it does."))
    return place


def headers_as_text(mail: IncomingMail) -> str:
    """Its headers as they came, as text that does nothing."""
    content = _beginning(mail)
    try:
        return safe_text(headers_of(content))
    except TooMuch:
        return safe_text(content)[:_SHOWN]


def text_as_it_came(mail: IncomingMail) -> str:
    """Its beginning, undecoded, as text that does nothing."""
    return safe_text(_beginning(mail))[:_SHOWN]


def _beginning(mail: IncomingMail) -> bytes:
    if mail.original_gone:
        raise NotFound(gettext("The bytes of this mail are not on the server."))
    try:
        with raw.place_of(mail.sha256).open("rb") as opened:
            return opened.read(_SHOWN)
    except OSError as error:
        raise NotFound(gettext("The bytes of this mail are not on the server.")) from error


def records_of(actor: Actor, mails: Collection[IncomingMail]) -> dict[int, Any]:
    """The record that each of these mails went to, by the mail's id, where the actor may see it.

    One query for each kind of record among them.
    """
    by_kind: dict[str, set[int]] = defaultdict(set)
    for mail in mails:
        if mail.record_id is not None:
            by_kind[mail.record_kind].add(mail.record_id)
    seen = {kind: linkable.seen_among(actor, kind, ids) for kind, ids in by_kind.items()}
    found = ((mail.pk, seen.get(mail.record_kind, {}).get(mail.record_id or 0)) for mail in mails)
    return {number: record for number, record in found if record is not None}
