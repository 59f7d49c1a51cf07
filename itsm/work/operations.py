"""Writing notes and links; each is announced on its record."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle, rows
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.work.models import Link, Note


@transaction.atomic
def add_note(record: Any, *, actor: Actor, text: str, private: bool = True, at: datetime | None = None) -> Note:
    """A note by a person, written `at` (now). The caller found the record among what the actor may see.

    Raises NotPermitted, and MissingInformation for an empty text.
    """
    if actor.id is None:
        raise NotPermitted(gettext("Notes are written by people and service accounts."))
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if is_blank(text):
        raise MissingInformation(gettext("The note is empty."))
    note = rows.insert(
        Note(
            record_kind=record.kind, record_id=record.pk, text=text, private=private, by_id=actor.id,
            at=at or timezone.now(),
        )
    )  # fmt: skip
    lifecycle.announce(record, "noted", actor=actor, changes={"note": [None, note.pk]})
    return note


@transaction.atomic
def link(record: Any, to: Any, *, actor: Actor, meaning: str) -> Link:
    """An arrow from one record to another; the same arrow exists once. Raises NotPermitted."""
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    made, is_new = Link.objects.get_or_create(
        from_kind=record.kind,
        from_id=record.pk,
        to_kind=to.kind,
        to_id=to.pk,
        meaning=meaning,
        defaults={"by_id": actor.id, "at": timezone.now()},
    )
    if is_new:
        lifecycle.announce(record, "linked", actor=actor, changes={meaning: [None, to.reference]})
    return made


def is_of_private_note(news: lifecycle.RecordEvent) -> bool:
    """Whether it is the news that somebody wrote a private note."""
    _before, note = news.changes.get("note") or (None, None)
    return note is not None and Note.objects.filter(pk=note, private=True).exists()


def notes_on(record: Any, *, with_private: bool) -> list[Note]:
    """The notes on a record, in the model's order; the private ones only `with_private`."""
    notes = Note.objects.filter(record_kind=record.kind, record_id=record.pk).select_related("by")
    return list(notes if with_private else notes.filter(private=False))
