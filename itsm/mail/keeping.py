"""How long mail is kept, whose it is, and the bytes that no row names any more."""

import shutil
import time
from collections.abc import Collection
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import EmailAddress, User
from itsm.kernel.actors import Actor
from itsm.mail import raw
from itsm.mail.models import IncomingMail, OutgoingMail
from itsm.mail.reasons import Status
from itsm.work.retention import Kept

_AT_ONCE = 500
_LEFT_ALONE = timedelta(days=1)  # bytes come before their row


def _purge(ids: Collection[int]) -> None:
    IncomingMail.objects.filter(pk__in=ids).delete()


KEPT = Kept(
    IncomingMail, _("mail that came in"), Q(status__in=(Status.APPLIED, Status.IGNORED)), ("received_at",), ("person",),
    purge=_purge,
)  # fmt: skip


def _purge_outgoing(ids: Collection[int]) -> None:
    OutgoingMail.objects.filter(pk__in=ids).delete()


# An answer to what is gone still finds its record: its Message-ID says which.
KEPT_OUTGOING = Kept(
    OutgoingMail, _("mail that left about records"), Q(), ("at",), ("person",), purge=_purge_outgoing
)  # fmt: skip


def count_of_person(person: User) -> int:
    """How much mail of theirs is kept."""
    return IncomingMail.objects.filter(person=person).count() + OutgoingMail.objects.filter(person=person).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Two accounts are one person: the mail of either is theirs. Raises nothing."""
    came = IncomingMail.objects.filter(person=old).update(person=new)
    return came + OutgoingMail.objects.filter(person=old).update(person=new)


def count_originals(person: User) -> int:
    """How much mail of theirs has its bytes on the disk."""
    return _written_by(person).count()


def forget_originals(person: User) -> int:
    """They are erased: the bytes of what they wrote go at the end of the caller's transaction, or with the next sweep
    where the process died. What became of their mail stays. How many. Raises nothing."""
    gone = list(_written_by(person).values_list("pk", "sha256"))
    IncomingMail.objects.filter(pk__in=[pk for pk, _sha256 in gone]).update(original_gone=True)
    transaction.on_commit(lambda: _unlink({sha256 for _pk, sha256 in gone}), robust=True)
    return len(gone)


def _written_by(person: User) -> "QuerySet[IncomingMail]":
    theirs = Q(person=person)
    for address in EmailAddress.objects.filter(user=person).values_list("email", flat=True):
        theirs |= Q(sender__iexact=address)
    return IncomingMail.objects.filter(theirs, original_gone=False)


def _unlink(hashes: Collection[str]) -> None:
    needed = IncomingMail.objects.filter(sha256__in=hashes, original_gone=False).values_list("sha256", flat=True)
    for sha256 in set(hashes) - set(needed):
        raw.place_of(sha256).unlink(missing_ok=True)


def sweep() -> int:
    """Take away bytes that no row names; what just came is left alone. Returns how many went. Safe to run twice."""
    before, everything, gone = time.time() - _LEFT_ALONE.total_seconds(), raw.kept(), 0
    while some := list(islice(everything, _AT_ONCE)):
        names = [path.name for path in some]
        rows = IncomingMail.objects.filter(sha256__in=names, original_gone=False)
        needed = set(rows.values_list("sha256", flat=True))
        for path in some:
            if path.name not in needed and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                gone += 1
    return gone + _sweep_what_was_read(before)


def _sweep_what_was_read(before: float) -> int:
    """Folders of mails over which the process died."""
    left = [path for path in raw.being_read().iterdir() if path.stat().st_mtime < before]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)
