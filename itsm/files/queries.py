"""Reads of files: what somebody may see of those of a record, and the one that an address names."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from itsm import rows
from itsm.files import readers
from itsm.files.models import Attachment
from itsm.files.vocabulary import State
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound

# What `live` gives of these.
_OF_NOTES = "it.note_id = ANY (%(notes)s) AND it.withdrawn_at IS NULL ORDER BY it.id"


def live() -> "QuerySet[Attachment]":
    """The files that nobody withdrew, with their notes and who sent them, in the order in which they came."""
    return Attachment.objects.filter(withdrawn_at=None).select_related("note", "by").order_by("id")


def readable_by(actor: Actor, *, reads_all: bool) -> "QuerySet[Attachment]":
    """Those that somebody may see: the desk all; others clean ones of public notes, and that their own are checked."""
    if reads_all:
        return live()
    own = Q(by=actor.id, state=State.WAITING)
    return live().filter(Q(state=State.CLEAN) | own, note__private=False)


def put_on(notes: Collection[Any], actor: Actor, *, reads_all: bool) -> list[Attachment]:
    """Give each note its `files`, as far as the actor may see them; returns all of them, in order. One query."""
    found: list[Attachment] = []
    ids = [note.pk for note in notes]
    if ids and reads_all:
        found = rows.every(Attachment, ("note", "by"), _OF_NOTES, {"notes": ids})
    elif ids:
        found = list(readable_by(actor, reads_all=False).filter(note__in=ids))
    by_note: dict[int, list[Attachment]] = defaultdict(list)
    for one in found:
        by_note[one.note_id].append(one)
    for note in notes:
        note.files = by_note.get(note.pk, [])
    return found


def by_key(actor: Actor, key: UUID | str) -> Attachment:
    """The file that an address names, for who may have its bytes.

    NotFound for everybody else, as where there is none; Conflict for the desk where the scanner refused it.
    """
    attachment = live().filter(key=key).first()
    how = readers.reading(actor, attachment.record_kind, attachment.record_id) if attachment is not None else None
    if attachment is None or how is None or not _reads(how, attachment):
        raise NotFound(gettext("There is no such file, or you may not see it."))
    if attachment.state == State.REFUSED:
        raise Conflict(gettext("The scanner refused %(name)s; nobody is given it.") % {"name": attachment.name})
    return attachment


def _reads(how: readers.Reading, attachment: Attachment) -> bool:
    return how.reads_all or (attachment.is_clean and not attachment.private and how.reads(str(attachment.key)))
