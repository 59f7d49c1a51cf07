"""Who wrote a mail: an account by its address, a guest's that is made for it, or nobody whom we let in."""

import re
from datetime import datetime, timedelta
from itertools import count

from django.db import connection
from django.db.models import Q

from itsm.accounts.actors import actor_for
from itsm.accounts.models import EmailAddress, Role, User
from itsm.accounts.operations import add_user
from itsm.kernel.actors import Actor, Door
from itsm.locks import AdvisoryLock
from itsm.mail.handing import Aside
from itsm.mail.models import BlockedSender, IncomingMail, Mailbox
from itsm.mail.reasons import Did, Reason, Status

SYSTEM = Actor.system("mail", Door.MAIL)
MOST_OPENED = 5  # records, a sender and hour
MOST_GUESTS = 60  # accounts for people whom nobody knows, an hour, over all mailboxes
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
_UNFIT = re.compile(r"[^a-z0-9@.+_-]+")
_NOBODY = re.compile(r"^(?:no-?reply|do-?not-?reply|noreply|bounces?|mailer-daemon|postmaster)\b", re.IGNORECASE)


def hold(address: str) -> None:
    """One mail of a sender at a time, until the transaction ends: what they opened is counted, an account is made. Of
    none: what else names the mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [AdvisoryLock.MAIL_OF_SENDER, address])


def is_blocked(address: str, mailbox: Mailbox | None) -> bool:
    """Whether somebody blocked this address, for this mailbox or for all."""
    return BlockedSender.objects.filter(Q(mailbox=None) | Q(mailbox=mailbox), address__iexact=address).exists()


def known(address: str) -> User | None:
    """Whose account this address is. Raises Aside: closed, a program's, or not shown to be theirs.

    An address that somebody merely claims is nobody's: whoever added it to an account could read what its true owner
    writes.
    """
    found = EmailAddress.objects.select_related("user").filter(email__iexact=address).first()
    if found is None:
        return None
    if not found.user.is_active:
        raise Aside(Reason.LEFT)
    if not found.user.is_human:
        raise Aside(Reason.PROGRAM)
    if not found.is_primary and found.verified_at is None:
        raise Aside(Reason.UNVERIFIED)
    return found.user


def guest(address: str, name: str) -> User:
    """An account for somebody whom nobody knows: a requester without a password, who is told by mail.

    Raises InvalidInput for what is no address.
    """
    wanted = _UNFIT.sub("-", address)[:140]
    taken = set(User.objects.filter(username__istartswith=wanted[:100]).values_list("username", flat=True))
    lowered = {one.lower() for one in taken}
    named = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
    free = next(one for one in named if one not in lowered)
    return add_user(actor=SYSTEM, username=free, name=name[:150], email=address, roles=[Role.REQUESTER.value])


def require_room(at: datetime) -> None:
    """Raise Aside where mail made as many accounts within an hour as it makes unseen, whoever the senders say they
    are."""
    made = IncomingMail.objects.filter(made_guest=True, received_at__gt=at - AN_HOUR).count()
    if made >= MOST_GUESTS:
        raise Aside(Reason.GUESTS, made + 1)


def acts_as(person: User) -> Actor:
    """The sender of a mail as an actor."""
    return actor_for(person, Door.MAIL)


def require_rate(mail: IncomingMail, at: datetime) -> None:
    """Raise Aside for the sixth record of a sender in an hour; the caller holds the sender."""
    opened = IncomingMail.objects.filter(
        Q(did=Did.OPENED) | Q(did=Did.FOLLOWED), sender=mail.sender, status=Status.APPLIED, received_at__gt=at - AN_HOUR
    ).count()
    if opened >= MOST_OPENED:
        raise Aside(Reason.RATE, opened + 1)


def is_acknowledged(address: str, at: datetime) -> bool:
    """Whether this sender was told within a day that mail of theirs arrived."""
    return IncomingMail.objects.filter(sender=address, is_acknowledged=True, received_at__gt=at - A_DAY).exists()


def reopened_today(kind: str, record_id: int, at: datetime) -> int:
    """How often mail reopened a record in the last 24 hours."""
    return IncomingMail.objects.filter(
        record_kind=kind, record_id=record_id, did=Did.REOPENED, received_at__gt=at - A_DAY
    ).count()


def may_follow(address: str) -> bool:
    """Whether somebody reads what is sent there."""
    return not _NOBODY.match(address)
