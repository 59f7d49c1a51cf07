"""Keeping files with a note, and taking one back."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.files import permissions, store
from itsm.files.models import Attachment
from itsm.files.naming import safe_name
from itsm.files.receiving import Received
from itsm.files.recognising import shown_type
from itsm.files.vocabulary import (
    A_DAY,
    MAX_BYTES,
    MAX_BYTES_A_DAY,
    MAX_ON_RECORD,
    PICTURES,
    Preview,
    State,
)
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, Unavailable
from itsm.locks import AdvisoryLock
from itsm.work.models import Note


class FileTooLarge(InvalidInput):
    """A file above the limit; the sentence names it."""

    code, title, status = "too-large", "The body is too large", 413


def require_usable(files: Sequence[Received]) -> None:
    """Look at what came before anything is written.

    Raises FileTooLarge, InvalidInput (nothing in it), Unavailable (the disk did not take it).
    """
    for one in files:
        name = safe_name(one.name or "")
        if one.size > MAX_BYTES:
            said = gettext("“%(name)s” is larger than %(most)d MB, the most for a file.")
            raise FileTooLarge(said % {"name": name, "most": MAX_BYTES // 1_000_000})
        if one.is_lost:
            raise Unavailable(gettext("The server cannot keep files at the moment. Nothing was sent."))
        if one.size == 0:
            said = gettext("“%(name)s” is empty: there is not one byte in it.") % {"name": name}
            raise InvalidInput.about("file", said)


def require_room(record: Any, *, actor: Actor, more: int, size: int) -> None:
    """Raise Conflict, which names the limit, where `more` files of together `size` bytes find no room any more."""
    there = Attachment.objects.filter(record_kind=record.kind, record_id=record.pk, withdrawn_at=None).count()
    if there + more > MAX_ON_RECORD:
        said = gettext("A record has at most %(most)d files; %(there)d are there.")
        raise Conflict(said % {"most": MAX_ON_RECORD, "there": there})
    since = timezone.now() - A_DAY
    # What was withdrawn counts: sending and taking back is sending.
    sent = Attachment.objects.filter(by=actor.id, at__gt=since).aggregate(all=Sum("size"))["all"] or 0
    if sent + size > MAX_BYTES_A_DAY:
        said = gettext("At most %(most)d MB a person in 24 hours; you have sent %(sent)d MB.")
        raise Conflict(said % {"most": MAX_BYTES_A_DAY // 1_000_000, "sent": sent // 1_000_000})


@transaction.atomic
def keep(
    record: Any, note: Note, files: Sequence[Received], *, actor: Actor, in_history: bool = True
) -> list[Attachment]:
    """Keep what was sent with a note. The caller wrote the note in this transaction, and judged who may.

    `in_history`: whether the record tells of it; what is not part of anything yet has nothing to tell.
    Bytes first, rows after: what is killed between them leaves bytes that the sweep takes away, never a row without.
    Raises FileTooLarge, InvalidInput, Conflict (too many, too much in a day), NotPermitted, Unavailable.
    """
    if not files:
        return []
    if actor.id is None:
        raise NotPermitted(gettext("Files are sent by people and service accounts."))
    require_usable(files)
    lifecycle.locked(record)  # one at a time counts what is there
    _hold_person(actor.id)
    require_room(record, actor=actor, more=len(files), size=sum(one.size for one in files))
    _hold_bytes({lock_of(one.sha256) for one in files})
    kinds = [shown_type(one.path) for one in files]
    for one in files:
        _place(one)
    now, first = timezone.now(), State.WAITING if settings.FILES_SCANNER else State.CLEAN
    kept = Attachment.objects.bulk_create(
        Attachment(
            record_kind=record.kind, record_id=record.pk, note=note, name=safe_name(one.name or ""), size=one.size,
            sha256=one.sha256, shown_type=kind, state=first,
            preview=Preview.OWED if kind in PICTURES else Preview.NONE, by_id=actor.id, at=now,
        )
        for one, kind in zip(files, kinds, strict=True)
    )  # fmt: skip
    for made in kept if in_history else ():
        lifecycle.announce(
            record, "attached", actor=actor, changes={"file": [None, made.name], "note": [None, note.pk]}
        )
    return kept


def _place(one: Received) -> None:
    try:
        store.keep(one.path, one.sha256)
        one.close()
    except OSError as error:
        raise Unavailable(gettext("The server cannot keep files at the moment. Nothing was sent.")) from error


def lock_of(sha256: str) -> int:
    """The number under which bytes are held while somebody keeps them or sweeps them away."""
    return int(sha256[:7], 16)


def _hold_person(person_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.FILES_OF_PERSON, person_id % 2**31])


def _hold_bytes(numbers: set[int]) -> None:
    """In order, so that two who send the same files wait for one another and not for ever."""
    with connection.cursor() as cursor:
        for number in sorted(numbers):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [AdvisoryLock.FILE_BYTES, number])


def withdraw(record: Any, attachment: Attachment, *, actor: Actor) -> None:
    """Nobody is given it any more; the history keeps who took which one away. The caller found it for the actor.

    Raises NotPermitted.
    """
    if not permissions.withdrawers(actor, attachment, timezone.now()):
        raise NotPermitted(gettext("Who sent a file may take it back for an hour; after that a manager may."))
    take_away(record, attachment, actor=actor)


@transaction.atomic
def take_away(record: Any, attachment: Attachment, *, actor: Actor) -> None:
    """The same by somebody whom the record's own app judged. Raises NotPermitted (no account)."""
    current = (
        Attachment.objects.select_for_update(no_key=True, of=("self",)).select_related("note").get(pk=attachment.pk)
    )
    if current.withdrawn_at is not None:
        return
    current.withdrawn_at, current.withdrawn_by_id = timezone.now(), actor.account_id
    current.save(update_fields=["withdrawn_at", "withdrawn_by"])
    # Of a private one nothing stands where others read.
    event = "private_file_withdrawn" if current.note.private else "file_withdrawn"
    lifecycle.announce(record, event, actor=actor, changes={"file": [current.name, None]})
