"""What hearing a mail is made of, whatever kind of record hears it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.files.models import Attachment
from itsm.files.receiving import Received
from itsm.kernel.errors import Conflict, InvalidInput, Unavailable
from itsm.kernel.texts import is_blank
from itsm.mail.handing import Heard, received
from itsm.mail.raw import place_of
from itsm.mail.senders import SYSTEM
from itsm.mail.undeliverable import Bounced
from itsm.work.models import Note

Say = Callable[[str, Sequence[Received]], tuple[Note, list[Attachment]]]


def words_of(heard: Heard) -> str:
    """What its writer said; where that is nothing and no file came along, that it is so."""
    if not is_blank(heard.words):
        return heard.words
    return "" if heard.parsed.sent else gettext("(a mail without words)")


def is_unread(heard: Heard) -> bool:
    """Whether it was too much to be read whole, and its original is here."""
    return bool({"headers-only", "unread"} & set(heard.parsed.flags)) and place_of(heard.mail.sha256).is_file()


def said_with_files(heard: Heard, words: str, say: Say) -> tuple[Note, list[tuple[str, int]]]:
    """The words with what came along; where not all of it can be kept, the words, and that it is in the original.

    With the pictures that stand in the text: (how it calls each, id of the attachment). Raises what `say` raises.
    """
    sent = [one for _said, one in heard.received()]
    if is_unread(heard) and heard.mail.size <= place_of(heard.mail.sha256).stat().st_size:
        sent.append(received("mail.eml", place_of(heard.mail.sha256).read_bytes()))
    try:
        with transaction.atomic():
            note, kept = say(words, sent)
            return note, _shown(heard, kept)
    except (Conflict, InvalidInput, Unavailable):
        if not sent:
            raise
    heard.mail.flags = [*heard.mail.flags, "files-left-out"]
    left_out = gettext("(Files came along that cannot be kept here; the original mail has them.)")
    note, _none = say(f"{words}\n\n{left_out}".strip(), [])
    return note, []


def announce_bounce(record: Any, bounced: Bounced) -> None:
    """A mail about a record did not arrive, or not yet: in its history. Raises nothing."""
    changes = {"to": [None, bounced.address], "code": [None, bounced.code]}
    lifecycle.announce(record, "mail_bounced", actor=SYSTEM, changes=changes)


def _shown(heard: Heard, kept: Sequence[Attachment]) -> list[tuple[str, int]]:
    by_hash = {one.sha256: one.pk for one in kept}
    return [(one.cid, by_hash[one.sha256]) for one in heard.parsed.sent if one.inline and one.sha256 in by_hash]
