"""A mail that was kept is read, and handed to the record that it belongs to. Safe to do twice, and while others do.

Each mail ends as exactly one of: applied, parked with a reason, ignored with a reason. Only a database that does not
answer leaves it new; then the promise stays owed.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction

from itsm.accounts.models import User
from itsm.kernel.errors import DomainError
from itsm.mail import acknowledging, bouncing, parking_news, raw, senders, threading
from itsm.mail.handing import Aside, Heard, Outcome, open_new
from itsm.mail.intake import HEADERS_FETCHED
from itsm.mail.models import IncomingMail, Mailbox, MailPart
from itsm.mail.names import mailbox_for, our_addresses
from itsm.mail.parsing import pool
from itsm.mail.parsing.parsed import Block, Parsed, Part, TooMuch
from itsm.mail.parsing.reading import safe_text
from itsm.mail.reasons import OPEN, Reason, Status

logger = logging.getLogger(__name__)
_READ = (
    "message_id", "sender", "sender_name", "sent_to", "subject", "automatic", "forwarded_from", "flags", "blocks",
    "html", "mailbox",
)  # fmt: skip
_BECAME = (
    "status",
    "reason",
    "there",
    "did",
    "record_kind",
    "record_id",
    "note",
    "person",
    "is_acknowledged",
    "made_guest",
)


@transaction.atomic
def apply(incoming_id: int, at: datetime) -> IncomingMail | None:
    """Look at one mail that is new, and say what becomes of it. None where there is no such mail.

    Raises nothing but what a database raises that does not answer.
    """
    mail = IncomingMail.objects.select_for_update(no_key=True, of=("self",)).filter(pk=incoming_id).first()
    if mail is None or mail.status != Status.NEW:
        return mail
    try:
        with _opened(mail) as (parsed, folder):
            _describe(mail, parsed)
            with transaction.atomic():
                _applied(mail, _handed_over(mail, parsed, folder, at), parsed, at)
    except Aside as aside:
        _set_aside(mail, Status.PARKED if aside.is_parked else Status.IGNORED, aside.reason, aside.there)
    except DomainError as refused:
        logger.info("mail %s was refused: %s", mail.pk, refused)
        _set_aside(mail, Status.PARKED, Reason.REFUSED)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever it holds, it stands where a person sees it
        logger.exception("mail %s could not be applied", mail.pk)
        _set_aside(mail, Status.PARKED, Reason.FAILED)
    if mail.status == Status.PARKED:
        parking_news.tell_leads(mail, at)
    mail.version += 1
    mail.save(update_fields=[*_READ, *_BECAME, "version"])
    return mail


def apply_when_due(incoming_id: int, at: datetime) -> None:
    """The promise that `accept` made. Raises nothing but what a database raises that does not answer."""
    apply(incoming_id, at)


@contextmanager
def _opened(mail: IncomingMail) -> Iterator[tuple[Parsed, Path]]:
    """What the mail says, as far as it can be read. Raises Aside for one above the limits, but where a person said that
    it is to be opened all the same."""
    place = raw.place_of(mail.sha256)
    try:
        if HEADERS_FETCHED in mail.flags:  # all that was fetched of it
            _described_by_headers(mail, place)
            raise TooMuch(Reason.TOO_LARGE, mail.size)
        with pool.read(place, raw.being_read()) as (parsed, folder):
            yield parsed, folder
            return
    except TooMuch as much:
        if OPEN not in mail.overlooked:
            _described_by_headers(mail, place)
            raise Aside(Reason(much.code), much.there) from much
        parsed = _described_by_headers(mail, place) or Parsed(sender=mail.sender, subject=mail.subject)
    words = safe_text(place.read_bytes())
    yield _without_body(parsed, words), place.parent


def _without_body(parsed: Parsed, words: str) -> Parsed:
    return Parsed(
        message_id=parsed.message_id, sender=parsed.sender, sender_name=parsed.sender_name, to=parsed.to,
        delivered_to=parsed.delivered_to, subject=parsed.subject, own_text=words, blocks=(Block(Part.OWN, words),),
        flags=(*parsed.flags, "unread"),
    )  # fmt: skip


def _described_by_headers(mail: IncomingMail, place: Path) -> Parsed | None:
    """Who wrote it and about what, where as much can be read."""
    try:
        parsed = pool.read_headers(place)
    except TooMuch:
        return None
    _describe(mail, parsed)
    return parsed


def _describe(mail: IncomingMail, parsed: Parsed) -> None:
    mail.message_id, mail.sender, mail.sender_name = parsed.message_id[:255], parsed.sender, parsed.sender_name[:150]
    mail.sent_to, mail.subject = list(parsed.addressed)[:100], parsed.subject
    mail.automatic, mail.forwarded_from = parsed.automatic, parsed.forwarded_from
    mail.flags = [*dict.fromkeys((*mail.flags, *parsed.flags))]
    mail.blocks, mail.html = [asdict(block) for block in parsed.blocks], parsed.html
    mail.mailbox = mail.mailbox or mailbox_for(addresses=parsed.addressed)


def _handed_over(mail: IncomingMail, parsed: Parsed, folder: Path, at: datetime) -> Outcome:
    """The order of questions: whose mail it is, what it answers, who wrote it, and what that comes to."""
    if parsed.sender in our_addresses() or threading.is_ours(parsed):
        raise Aside(Reason.OURS, is_parked=False)
    # Before the look for the same mail, which somebody else may be applying; of reports many name no sender.
    senders.hold(parsed.sender or mail.message_id or mail.sha256)
    if threading.came_before(mail):
        raise Aside(Reason.DUPLICATE, is_parked=False)
    if parsed.sender and senders.is_blocked(parsed.sender, mail.mailbox):
        raise Aside(Reason.BLOCKED, is_parked=False)
    if parsed.dsn is not None:
        return bouncing.hear(parsed.dsn, at)
    if mail.mailbox is None:
        raise Aside(Reason.NO_MAILBOX)
    answered = threading.answered(mail, parsed, at)
    if parsed.automatic:
        return _noted(answered, parsed, at)
    if not parsed.sender:
        raise Aside(Reason.NO_SENDER)
    return _by_a_person(mail, mail.mailbox, parsed, folder, answered, at)


def _noted(answered: threading.Answered, parsed: Parsed, at: datetime) -> Outcome:
    """What a program sent changes no state and opens nothing: it stands on its thread, or nowhere."""
    person = senders.known(parsed.sender) if parsed.sender else None
    if answered.handler is None or not (answered.is_proven or _takes_part(answered, person)):
        raise Aside(Reason.LIST if parsed.automatic == "list" else Reason.AUTOMATIC, is_parked=False)
    return answered.handler.note(answered.record, parsed, person, at)


def _by_a_person(
    mail: IncomingMail, mailbox: Mailbox, parsed: Parsed, folder: Path, answered: threading.Answered, at: datetime
) -> Outcome:
    person = senders.known(parsed.sender)
    if person is not None and answered.handler is not None and _takes_part(answered, person):
        heard = _heard(mail, mailbox, parsed, folder, person, answered.is_proven, at)
        return answered.handler.hear(answered.record, heard)
    is_waived = OPEN in mail.overlooked
    if answered.is_secret and answered.is_by_subject:  # whoever guesses a number learns what a wrong guess teaches
        answered = threading.Answered()
    if answered.is_foreign and not is_waived:
        if answered.is_secret:
            raise Aside(Reason.NOT_THEIRS)
        mail.flags = [*mail.flags, answered.flag]
    if answered.is_unheard and not is_waived:
        raise Aside(Reason.UNHEARD)
    if person is None and not (mailbox.is_open or is_waived or Reason.UNKNOWN_SENDER in mail.overlooked):
        raise Aside(Reason.UNKNOWN_SENDER)
    if not (is_waived or Reason.RATE in mail.overlooked):
        senders.require_rate(mail, at)
    if person is None:
        if not (is_waived or mail.overlooked):
            senders.require_room(at)
        person = senders.guest(parsed.sender, parsed.sender_name)
        mail.made_guest = True
    return open_new(_heard(mail, mailbox, parsed, folder, person, False, at))


def _takes_part(answered: threading.Answered, person: User | None) -> bool:
    if person is None or answered.handler is None or answered.is_forged:
        return False
    return answered.handler.takes_part(senders.acts_as(person), answered.record)


def _heard(
    mail: IncomingMail, mailbox: Mailbox, parsed: Parsed, folder: Path, person: User, proven: bool, at: datetime
) -> Heard:
    mail.person = person
    return Heard(mail, parsed, person, senders.acts_as(person), mailbox.team, at, folder, is_proven=proven)


def _applied(mail: IncomingMail, outcome: Outcome, parsed: Parsed, at: datetime) -> None:
    mail.status, mail.reason, mail.there = Status.APPLIED, "", 0
    mail.did, mail.note_id = outcome.did, outcome.note_id
    mail.record_kind, mail.record_id = outcome.record.kind, outcome.record.pk
    MailPart.objects.bulk_create(MailPart(mail=mail, cid=cid, attachment_id=number) for cid, number in outcome.shown)
    acknowledging.acknowledge(mail, outcome, parsed, at)


def _set_aside(mail: IncomingMail, status: Status, reason: Reason, there: int = 0) -> None:
    mail.status, mail.reason, mail.there = status, reason, min(there, 2**31 - 1)
    mail.did, mail.record_kind, mail.record_id, mail.note, mail.person = "", "", None, None, None
    mail.made_guest = False
