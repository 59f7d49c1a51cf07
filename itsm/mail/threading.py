"""What a mail answers: our own Message-IDs and tokens, then mail that we know, then a reference in its subject."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from itsm.kernel.references import number_in
from itsm.mail import handing, threads
from itsm.mail.models import IncomingMail, OutgoingMail
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import FORGED, NAMED, NOT_IN_IT, Status

_NAMES = re.compile(r"\[([A-Z]{2,4}-\d{1,12})\]")
_MOST = 100  # references that are looked at


@dataclass(frozen=True, slots=True)
class Answered:
    """What a mail answers. `handler`: who hears it, None where it answers nothing, or nobody does. `flag`: what is said
    where the sender takes no part. By something forged nobody is let in, whoever they say they are."""

    record: Any = None
    handler: handing.Handler | None = None
    flag: str = ""
    is_proven: bool = False
    is_forged: bool = False
    is_by_subject: bool = False
    is_unheard: bool = False

    @property
    def is_foreign(self) -> bool:
        """Asked once the sender was found to take no part."""
        return self.is_forged or self.handler is not None

    @property
    def is_secret(self) -> bool:
        """That there is such a record is nobody's business."""
        return self.handler is not None and self.handler.is_confidential(self.record)


def answered(mail: IncomingMail, parsed: Parsed, at: datetime) -> Answered:
    """The first that holds: a reference to mail of ours, a token, mail that this mailbox knows, the subject."""
    references = list(dict.fromkeys((*parsed.references, *parsed.in_reply_to)))
    found = threads.thread_of(
        references=references, recipients=list(parsed.addressed), sender=parsed.sender, at=at
    )  # fmt: skip
    if isinstance(found, threads.Thread):
        return _of(found.kind, found.record_id, NOT_IN_IT, is_proven=_is_proven(found, references, parsed.sender))
    if (known := _by_known_mail(mail, references)) is not None:
        return _of(*known, NOT_IN_IT)
    if (named := _by_subject(parsed.subject)) is not None:
        return _of(*named, NAMED, is_by_subject=True)
    if isinstance(found, threads.Forged):
        return replace(_of(found.kind, found.record_id, FORGED), flag=FORGED, is_forged=True, is_unheard=False)
    return Answered()


def _of(kind: str, record_id: int, flag: str, *, is_proven: bool = False, is_by_subject: bool = False) -> Answered:
    handler = handing.handler_of(kind)
    record = handler.find(record_id) if handler is not None else None
    if handler is None or record is None:
        return Answered(is_unheard=handler is None and not is_by_subject)
    return Answered(record, handler, flag, is_proven=is_proven, is_by_subject=is_by_subject)


def _is_proven(found: threads.Thread, references: list[str], sender: str) -> bool:
    """It answers what was sent to this address and nobody else: by its token, or by a mail that went there."""
    if found.how == "token":
        return True
    theirs = OutgoingMail.objects.filter(message_id__in=references[-_MOST:], to=sender)
    return theirs.filter(record_kind=found.kind, record_id=found.record_id).exists()


def _by_known_mail(mail: IncomingMail, references: list[str]) -> tuple[str, int] | None:
    """A record that mail in this mailbox was about, by its own Message-ID."""
    if not references:
        return None
    earlier = IncomingMail.objects.filter(
        message_id__in=references[-_MOST:], mailbox=mail.mailbox, status=Status.APPLIED
    ).exclude(record_id=None)
    return earlier.order_by("-id").values_list("record_kind", "record_id").first()  # type: ignore[return-value]


def _by_subject(subject: str) -> tuple[str, int] | None:
    for named in _NAMES.findall(subject.upper())[:3]:
        for prefix, kind in handing.kinds_by_prefix().items():
            if (number := number_in(named, prefix)) is not None:
                return kind, number
    return None


def came_before(mail: IncomingMail) -> bool:
    """Whether the same mail came to this mailbox before, or came later and was applied first: by its Message-ID and
    sender, else by its bytes."""
    earlier = Q(pk__lt=mail.pk) & ~Q(status=Status.NEW)
    others = IncomingMail.objects.filter(earlier | Q(pk__gt=mail.pk, status=Status.APPLIED), mailbox=mail.mailbox)
    if mail.message_id:
        return others.filter(message_id=mail.message_id, sender=mail.sender).exists()
    return others.filter(sha256=mail.sha256).exists()


def is_ours(parsed: Parsed) -> bool:
    """Whether our own header says that this installation wrote it."""
    return bool(parsed.loop) and parsed.loop == threads.loop_mark()
