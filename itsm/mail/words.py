"""Whose words a mail carries: an answer of the desk leaves as its writer's, with the files that came with it."""

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.vocabulary import State
from itsm.notifications.models import Notification
from itsm.work.models import Note

MAX_BYTES = 10_000_000  # of files that leave with a mail; the rest is named in it

Packed = list[tuple[str, bytes]]


class NotLookedAtYet(Exception):
    """A file of it waits for the scanner: the mail stays owed until then."""


def spoken(told: Notification) -> Note | None:
    """The public note of a person that this notification passes on; None for what Headroom says by itself."""
    if told.note_id is None:
        return None
    note = Note.objects.filter(pk=told.note_id, private=False).select_related("by").first()
    return note if note is not None and note.by.account_type == note.by.AccountType.HUMAN else None


def files_of(note: Note) -> tuple[Packed, list[str]]:
    """(name and bytes of what is sent along, names of what is too large for a mail). Raises NotLookedAtYet."""
    packed: Packed = []
    left_out, size = [], 0
    for one in Attachment.objects.filter(note=note, withdrawn_at=None).order_by("id"):
        if one.state == State.WAITING:
            raise NotLookedAtYet(one.name)
        if one.state != State.CLEAN:
            continue
        size += one.size
        if size > MAX_BYTES:
            left_out.append(one.name)
            continue
        packed.append((one.name, store.place_of(one.sha256).read_bytes()))
    return packed, left_out
