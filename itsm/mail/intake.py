"""A mail arrives: its bytes first, then its row, then the promise to look at it. Nothing else happens here."""

from datetime import datetime

from django.db import transaction

from itsm.clocks import due
from itsm.mail import raw as bytes_on_disk
from itsm.mail.models import IncomingMail, Mailbox

APPLYING = "mail.apply"
HEADERS_FETCHED = "headers-fetched"


@transaction.atomic
def accept(
    raw: bytes,
    *,
    mailbox: Mailbox | None,
    uidvalidity: int | None = None,
    uid: int | None = None,
    at: datetime,
    whole_size: int | None = None,
) -> IncomingMail:
    """Keep a mail as it came, in the caller's transaction, and promise to apply it. Safe to do twice with the same one.

    `uidvalidity`, `uid`: where it lies in the mailbox; a mail of the same bytes that was read under another
    UIDVALIDITY is the same mail. Without them it came through the door, where the same bytes are. `whole_size`: of a
    mail above the limit, of which `raw` is the block of headers alone. Raises Unavailable (the disk).
    """
    sha256 = bytes_on_disk.keep(raw)
    known = _known(sha256, mailbox, uidvalidity, uid)
    if known is not None:
        return known
    place = {"mailbox": mailbox, "uidvalidity": uidvalidity, "uid": uid}
    made, is_new = IncomingMail.objects.get_or_create(
        **(place if uid is not None else {"sha256": sha256, "uid": None}),
        defaults={
            "mailbox": mailbox,
            "sha256": sha256,
            "size": len(raw) if whole_size is None else min(whole_size, 2**31 - 1),
            "received_at": at,
            "flags": [HEADERS_FETCHED] if whole_size is not None else [],
        },
    )
    if is_new:
        due.schedule(APPLYING, IncomingMail.kind, made.pk, at)
    return made


def _known(sha256: str, mailbox: Mailbox | None, uidvalidity: int | None, uid: int | None) -> IncomingMail | None:
    """The same mail, under the number that it had before the mailbox was numbered anew; it has the new one now."""
    if uid is None:
        return IncomingMail.objects.filter(sha256=sha256, uid=None).first()
    if (there := IncomingMail.objects.filter(mailbox=mailbox, uidvalidity=uidvalidity, uid=uid).first()) is not None:
        return there
    earlier = IncomingMail.objects.filter(mailbox=mailbox, sha256=sha256, uid__isnull=False)
    same = earlier.exclude(uidvalidity=uidvalidity).select_for_update(no_key=True, of=("self",)).first()
    if same is not None:
        same.uidvalidity, same.uid = uidvalidity, uid
        same.save(update_fields=["uidvalidity", "uid"])
    return same
