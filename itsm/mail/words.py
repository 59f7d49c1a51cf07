"""Whose words a mail carries: an answer of the desk leaves as its writer's, with the files that came with it."""

from datetime import timedelta

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.vocabulary import State
from itsm.mail import subjects
from itsm.notifications.models import Notification
from itsm.work.models import Note

_JUST_SAID = timedelta(minutes=10)
_LOOKED_AT = 5
MAX_BYTES = 10_000_000  # of files that leave with a mail; the rest is named in it

Packed = list[tuple[str, bytes]]


class NotLookedAtYet(Exception):
    """A file of it waits for the scanner: the mail stays owed until then."""


def spoken(told: Notification) -> Note | None:
    """The public words of a person that this notification passes on: written just before it, and in it as they are."""
    if told.record_id is None or not subjects.may_be_spoken(told):
        return None
    said = Note.objects.filter(record_kind=told.record_kind, record_id=told.record_id, private=False)
    lately = said.filter(at__gt=told.created_at - _JUST_SAID, at__lte=told.created_at + _JUST_SAID)
    for note in lately.select_related("by").order_by("-id")[:_LOOKED_AT]:
        if note.text.strip() in told.body and note.by.account_type == note.by.AccountType.HUMAN:
            return note
    return None


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
