"""Answers by mail to what somebody was asked to approve: they are kept as words, and decide nothing.

Whoever reads a mailbox could else approve, and so could a program that answers. The page is linked again.
"""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.approvals.queries import open_asks, waiting_for
from itsm.kernel.actors import Actor
from itsm.mail.handing import Handler, Heard, Outcome, cut
from itsm.mail.hearing import announce_bounce
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import Did
from itsm.mail.senders import SYSTEM
from itsm.mail.undeliverable import Bounced
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

EVENT = "mail_heard"
_MOST = 2000  # characters of it that stand in the history


def handler_for(model: type[models.Model]) -> Handler:
    """For records of this model, which people are asked about and which hold no conversation."""

    def find(number: int) -> Any:
        return model._default_manager.filter(pk=number).first()

    return Handler(find, _is_asked, lambda record: True, _hear, _note, _bounced)


def _is_asked(actor: Actor, record: Any) -> bool:
    return waiting_for(actor).filter(pk__in=open_asks(record).values("pk")).exists()


@transaction.atomic
def _hear(record: Any, heard: Heard) -> Outcome:
    if heard.is_proven:
        lifecycle.announce(record, EVENT, actor=heard.actor, remark=cut(heard.words, _MOST))
    else:  # whoever was sent a mail about it may write in the name of somebody who is asked
        said = gettext("By mail that does not answer one of ours to this address:")
        sender = {"from": [None, heard.mail.sender]}
        lifecycle.announce(record, EVENT, actor=SYSTEM, changes=sender, remark=cut(f"{said} {heard.words}", _MOST))
    named = {"reference": record.reference}
    subject = _("%(reference)s still waits for your answer: nothing is decided by mail") % named
    words = _("Your mail is kept with it. To approve or decline, sign in and answer on the page.")
    notify([heard.person], subject, body=words, path=record.get_absolute_url(), record=record)
    return Outcome(record, Did.NOTED)


def _note(record: Any, parsed: Parsed, person: User | None, at: datetime) -> Outcome:
    lifecycle.announce(record, EVENT, actor=SYSTEM, changes={"from": [None, parsed.sender]})
    return Outcome(record, Did.NOTED)


def _bounced(record: Any, bounced: Bounced, at: datetime) -> Outcome:
    announce_bounce(record, bounced)
    return Outcome(record, Did.NOTED)
