"""Reports of mail that did not arrive: counted by address, and told to who works on the record."""

from datetime import datetime

from itsm.mail.handing import Aside, Outcome, handler_of
from itsm.mail.models import OutgoingMail
from itsm.mail.parsing.parsed import Dsn, Failure
from itsm.mail.reasons import Reason
from itsm.mail.undeliverable import Bounced, hear_bounce

_TELLS = {"failed": "5.0.0", "delayed": "4.0.0"}


def hear(dsn: Dsn, at: datetime) -> Outcome:
    """Count what it says; the record that the first of it is about is told.

    A report that does not name a mail of ours by its Message-ID counts for nothing, whatever address it names: else
    anybody could keep all mail from anybody by a single forged one. Raises Aside (ignored) for such a report, and for
    one about a record that hears of none, or that has heard the same.
    """
    if not OutgoingMail.objects.filter(message_id=dsn.original_id).exists():
        raise Aside(Reason.BOUNCE, is_parked=False)
    heard = [found for failure in dsn.failures if (found := _counted(dsn, failure, at)) is not None]
    for bounced in heard:
        if (outcome := tell_record(bounced, at)) is not None:
            return outcome
    raise Aside(Reason.BOUNCE, is_parked=False)


def tell_record(bounced: Bounced, at: datetime) -> Outcome | None:
    """The record that the mail was about hears of it; None where there is none, it hears of no mail, or has heard.

    Once that a mail is late and once that it does not arrive: whoever got one could write reports of it without end.
    """
    if bounced.is_told and not bounced.is_news:
        return None
    sent = bounced.outgoing
    handler = handler_of(sent.record_kind) if sent is not None else None
    record = handler.find(sent.record_id) if handler is not None and sent is not None else None
    return handler.bounced(record, bounced, at) if handler is not None and record is not None else None


def _counted(dsn: Dsn, failure: Failure, at: datetime) -> Bounced | None:
    if failure.action not in _TELLS:
        return None  # delivered, relayed, expanded: nothing is wrong
    code = failure.status or _TELLS[failure.action]
    return hear_bounce(message_id=dsn.original_id, recipient=failure.address, code=code, said=failure.why, at=at)
