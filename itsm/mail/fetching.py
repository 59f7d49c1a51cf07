"""Reading mailboxes: what is new there is kept here, mail by mail, each with how far we are in one transaction.

A due row asks for it every minute; nothing is asked inside its transaction, and each mailbox is read on a thread of its
own: a server that hangs holds up neither what is due nor another mailbox. Who is killed between two mails has lost
nothing and doubled nothing: a mail is known by its place in the mailbox, and by its bytes where the server numbers its
mails anew. Nothing is marked or deleted there.
"""

import logging
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.errors import Unavailable
from itsm.mail import alarms, imap, intake, oauth
from itsm.mail.models import Mailbox
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused
from itsm.notifications.credentials import Credentials, credentials_of

logger = logging.getLogger(__name__)

FETCHING = "mail.fetch"
EVERY = timedelta(seconds=60)
SECONDS = 90.0  # of one round, from the first packet to the last
ENOUGH = 30.0  # after which no further mail is begun
AT_ONCE = 8  # mailboxes, in one process
MOST = 500  # mails of one round
AGAIN_DAYS = 7  # that are read again where the server numbers its mails anew
_LOOKED_AT = 50  # at once

_under_way: set[int] = set()
_guard = threading.Lock()

# The last: our own disk.
Failed = (imap.MailboxFailed, oauth.TokenRefused, OutgoingFailed, OutgoingRefused, Unavailable)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a round went: mails kept, whether more wait there, and why it stopped, "" where it did not."""

    mails: int
    is_more: bool = False
    error: str = ""


def begin(mailbox: Mailbox, at: datetime) -> None:
    """Promise to read it, from now on every minute."""
    due.schedule(FETCHING, Mailbox.kind, mailbox.pk, at)


def end(mailbox: Mailbox) -> None:
    """It is read no more."""
    due.cancel(Mailbox.kind, mailbox.pk, FETCHING)


def unpromised(before: datetime) -> int:
    """How many mailboxes should be read and nobody promised it, for whatever reason."""
    return len(_unpromised(before))


def promise_again(at: datetime) -> None:
    """Read from now on what nobody promised to read."""
    for mailbox in _unpromised(at):
        begin(mailbox, at)


def _unpromised(before: datetime) -> list[Mailbox]:
    kept = Due.objects.filter(name=FETCHING, record_kind=Mailbox.kind, done_at=None, given_up_at=None)
    read = Mailbox.objects.filter(paused_at=None, connected_at__lte=before).exclude(host="")
    return list(read.exclude(pk__in=kept.values("record_id")))


def fetch_when_due(mailbox_id: int, at: datetime) -> None:
    """Promise the next round, and begin to read once this is committed."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is None or not mailbox.is_fetched:
        return
    due.schedule(FETCHING, Mailbox.kind, mailbox_id, at + EVERY)
    alarms.unread(mailbox, at)
    transaction.on_commit(lambda: _start(mailbox_id), robust=True)


def _start(mailbox_id: int) -> None:
    """Read it beside, unless that is under way; where too many are, the next minute asks again."""
    with _guard:
        if mailbox_id in _under_way or len(_under_way) >= AT_ONCE:
            return
        _under_way.add(mailbox_id)
    threading.Thread(target=_beside, args=(mailbox_id,), name=f"reads-mailbox-{mailbox_id}", daemon=True).start()


def _beside(mailbox_id: int) -> None:
    try:
        _fetch_and_go_on(mailbox_id)
    except Exception:  # the next round is promised
        logger.exception("mailbox %s", mailbox_id)
    finally:
        connection.close()
        with _guard:
            _under_way.discard(mailbox_id)


def _fetch_and_go_on(mailbox_id: int) -> None:
    now = timezone.now()
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is not None and mailbox.is_fetched and fetch(mailbox, now).is_more:
        due.schedule(FETCHING, Mailbox.kind, mailbox_id, now)


def fetch(mailbox: Mailbox, at: datetime) -> Fetched:
    """Keep what is new in a mailbox, and how it went. Safe to run twice, also at once. Raises nothing."""
    try:
        with session(mailbox, at) as opened:
            fetched = _read(mailbox, opened, at)
    except Failed as error:
        _note_failure(mailbox, error, at)
        return Fetched(0, error=str(error))
    Mailbox.objects.filter(pk=mailbox.pk).update(read_at=at, failing_since=None, last_error="")
    alarms.all_is_well(mailbox)
    if oauth.is_unkept(mailbox):
        alarms.token_is_unkept(mailbox)
    return fetched


def session(mailbox: Mailbox, at: datetime, seconds: float = SECONDS) -> AbstractContextManager[imap.Session]:
    """Connected and signed in, all of it over within so many seconds. Raises what `Failed` names."""
    token, credentials = "", Credentials()
    if mailbox.auth == Mailbox.Auth.XOAUTH2:
        token = oauth.access_token(mailbox, at)
        credentials = credentials_of("none", authority_name=mailbox.authority)
    else:
        credentials = credentials_of("basic", mailbox.credential, mailbox.login, mailbox.authority)
    return imap.signed_in(
        mailbox.host, mailbox.port, mailbox.login, credentials, token=token,
        starttls=mailbox.security == Mailbox.Security.STARTTLS, deadline=imap.time_from_now(seconds),
    )  # fmt: skip


def _read(mailbox: Mailbox, opened: imap.Session, at: datetime) -> Fetched:
    folder = opened.open_folder(mailbox.folder)
    since = None
    if mailbox.uidvalidity is None:
        since = (
            mailbox.connected_at or mailbox.created_at
        )  # what lay there before it was connected is somebody's already
    elif mailbox.uidvalidity != folder.uidvalidity:
        since = at - timedelta(days=AGAIN_DAYS)
        logger.warning("mailbox %s: numbered anew; the last %s days are read again", mailbox.slug, AGAIN_DAYS)
    uids = opened.after(mailbox.last_uid) if since is None else opened.since((since - timedelta(days=1)).date())
    kept, enough = 0, time.monotonic() + ENOUGH
    for start in range(0, len(uids), _LOOKED_AT):
        for lying in opened.look(uids[start : start + _LOOKED_AT]):
            if since is not None and lying.arrived < since.replace(microsecond=0):
                continue
            if kept >= MOST or time.monotonic() > enough:
                return Fetched(kept, is_more=True)
            kept += _keep(mailbox, folder.uidvalidity, lying, opened)
    _note_place(
        mailbox, folder.uidvalidity, max([*uids, folder.next_uid - 1, mailbox.last_uid if since is None else 0])
    )
    return Fetched(kept)


def _keep(mailbox: Mailbox, uidvalidity: int, lying: imap.Lying, opened: imap.Session) -> bool:
    is_large = lying.size > imap.MAX_MAIL
    raw = opened.headers(lying.uid) if is_large else opened.whole(lying.uid)
    with transaction.atomic():
        if raw is not None:  # else somebody took it away meanwhile
            intake.accept(
                raw, mailbox=mailbox, uidvalidity=uidvalidity, uid=lying.uid, at=timezone.now(),
                whole_size=lying.size if is_large else None,
            )  # fmt: skip
        _note_place(mailbox, uidvalidity, lying.uid)
    return raw is not None


def _note_place(mailbox: Mailbox, uidvalidity: int, uid: int) -> None:
    """How far it was read; a slower reader beside us does not take us back."""
    here = Mailbox.objects.filter(pk=mailbox.pk)
    if not here.filter(uidvalidity=uidvalidity).update(last_uid=Greatest("last_uid", uid)):
        here.update(uidvalidity=uidvalidity, last_uid=uid)


def _note_failure(mailbox: Mailbox, error: Exception, at: datetime) -> None:
    logger.warning("mailbox %s was not read: %s", mailbox.slug, type(error).__name__)
    Mailbox.objects.filter(pk=mailbox.pk).update(
        last_error=str(error)[:1000], failing_since=Coalesce("failing_since", at)
    )
    if isinstance(error, oauth.TokenRefused) and error.is_over:
        alarms.sign_in_is_over(mailbox, str(error))
