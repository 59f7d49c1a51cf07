"""When a mailbox is not read, or soon will not be: administrators hear of it, again only once it was well meanwhile.

Unread for fifteen minutes; a sign-in that the issuer has ended; one that ends in 14, 7 or 1 days.
"""

from datetime import datetime, timedelta

from django.db import transaction

from itsm.accounts.models import User
from itsm.clocks import due
from itsm.mail import oauth
from itsm.mail.models import Mailbox
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _

KEEPING = "mail.keep_sign_in"
DAILY = timedelta(days=1)
WEEKLY = timedelta(days=7)
UNREAD_FOR = timedelta(minutes=15)
DAYS = (1, 7, 14)
UNREAD, OVER, UNKEPT = "unread", "over", "unkept"


def is_unread(mailbox: Mailbox, at: datetime) -> bool:
    """Whether it should be read and was not, for longer than anybody should wait."""
    return mailbox.is_fetched and at - (mailbox.read_at or mailbox.connected_at or mailbox.created_at) > UNREAD_FOR


def unread(mailbox: Mailbox, at: datetime) -> None:
    """Tell, once, that it was not read for fifteen minutes."""
    if not is_unread(mailbox, at) or OVER in mailbox.warned:
        return
    subject = _("%(mailbox)s has not been read for 15 minutes") % {"mailbox": mailbox.address}
    _tell_once(mailbox, UNREAD, subject, mailbox.last_error or _("Nobody looked: is the worker for mail running?"))


def sign_in_is_over(mailbox: Mailbox, said: str) -> None:
    """Tell, once, that the issuer gives no tokens any more: somebody has to sign in anew."""
    subject = _("%(mailbox)s is read no more: its sign-in has ended") % {"mailbox": mailbox.address}
    _tell_once(mailbox, OVER, subject, said)


def token_is_unkept(mailbox: Mailbox) -> None:
    """Tell, once, that its new refresh token will be lost with the next start."""
    subject = _("The new refresh token of %(mailbox)s cannot be kept") % {"mailbox": mailbox.address}
    _tell_once(mailbox, UNKEPT, subject, _("Make HEADROOM_SECRETS_DIR writable for the worker that reads mail."))


def all_is_well(mailbox: Mailbox) -> None:
    """It was read: what was told of that counts as over."""
    left = [one for one in mailbox.warned if one not in {UNREAD, OVER}]
    if left != mailbox.warned:
        Mailbox.objects.filter(pk=mailbox.pk).update(warned=left)


def keep_when_due(mailbox_id: int, at: datetime) -> None:
    """Daily: use a refresh token that nobody used for a week, and tell how long a sign-in still holds."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is None or not mailbox.host:
        return
    due.schedule(KEEPING, Mailbox.kind, mailbox_id, at + DAILY)
    _warn(mailbox, at)
    idle = mailbox.token_used_at is None or at - mailbox.token_used_at >= WEEKLY
    if mailbox.auth == Mailbox.Auth.XOAUTH2 and idle and oauth.has_refresh_token(mailbox):
        transaction.on_commit(lambda: _use(mailbox, at), robust=True)


def _use(mailbox: Mailbox, at: datetime) -> None:
    try:
        oauth.access_token(mailbox, at, anew=True)
    except oauth.TokenRefused as error:
        if error.is_over:
            sign_in_is_over(mailbox, str(error))


def _warn(mailbox: Mailbox, at: datetime) -> None:
    """Once for each of the three marks; a new end begins anew."""
    ends = mailbox.token_expires_at
    left = None if ends is None else max((ends - at).days, 0)
    reached = next((days for days in DAYS if left is not None and left < days), None)
    if reached is None or left is None:
        others = [one for one in mailbox.warned if not one.isdecimal()]
        Mailbox.objects.filter(pk=mailbox.pk).update(warned=others)
        return
    day = f"{ends:%Y-%m-%d}"
    subject = _("The sign-in of %(mailbox)s ends on %(day)s") % {"mailbox": mailbox.address, "day": day}
    _tell_once(mailbox, str(reached), subject, _("Renew it before then: afterwards its mail stays unread."))


@transaction.atomic
def _tell_once(mailbox: Mailbox, what: str, subject: Words, body: Words) -> None:
    held = Mailbox.objects.select_for_update(no_key=True).filter(pk=mailbox.pk).first()
    if held is None or what in held.warned:
        return
    Mailbox.objects.filter(pk=held.pk).update(warned=[*held.warned, what])
    keepers = User.objects.administrators()
    notify(keepers, subject, body=body, path=mailbox.get_absolute_url(), by=("mailbox.warned", "owner"))
