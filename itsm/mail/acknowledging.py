"""Whoever writes to us is told what became of it: once a day, and never a program."""

from datetime import datetime

from itsm.mail import senders
from itsm.mail.handing import Outcome
from itsm.mail.models import IncomingMail
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import Did
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

_BEGINS = {Did.OPENED, Did.FOLLOWED}


def acknowledge(mail: IncomingMail, outcome: Outcome, parsed: Parsed, at: datetime) -> None:
    """Tell the sender under which reference their mail lives, in the caller's transaction."""
    if outcome.did not in _BEGINS or parsed.automatic or mail.person is None:
        return
    if not senders.may_follow(mail.sender) or senders.is_acknowledged(mail.sender, at):
        return
    record = outcome.record
    said = _("We have your mail: %(reference)s %(title)s") % {
        "reference": record.reference,
        "title": record.title,
    }
    words = _("It is %(reference)s here. Answer this mail to add to it.") % {"reference": record.reference}
    notify([mail.person], said, body=words, path=record.get_absolute_url(), record=record)
    mail.is_acknowledged = True
