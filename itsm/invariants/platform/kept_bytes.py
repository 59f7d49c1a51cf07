"""What people attached is there, and is what they attached: I17."""

import hashlib
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from itsm.files import store
from itsm.files.models import Attachment
from itsm.files.sweeping import KEPT_FOR, referenced
from itsm.invariants.known import Found, Invariant, Question

_SAMPLED = 200
_LISTED = 2_000
_SWEPT_LATE = 2 * KEPT_FOR.total_seconds()  # the sweep comes once a day


def altered(at: datetime) -> Iterator[Found]:
    """Of so many files, others each time, those whose bytes are gone or other ones."""
    rows = Attachment.objects.filter(withdrawn_at=None).order_by("?")[:_SAMPLED]
    for one in rows.values_list("pk", "sha256"):
        place = store.place_of(one[1])
        if not place.exists():
            yield Found("attachment", f"attachment {one[0]}", "gone")
        elif _hash(place) != one[1]:
            yield Found("attachment", f"attachment {one[0]}", "altered")


def unnamed(at: datetime) -> Iterator[Found]:
    """Bytes that no row names, and that no sweep took away."""
    before = time.time() - _SWEPT_LATE
    some: list[Path] = []
    for path in store.kept():
        if path.stat().st_mtime < before:
            some.append(path)
        if len(some) >= _LISTED:
            break
    needed = referenced([path.name for path in some])
    yield from (Found("file", path.name[:16]) for path in some if path.name not in needed)


def _hash(place: Path) -> str:
    with place.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


BYTES = Invariant(
    "I17",
    _("Attached files are there, and are what was attached; no bytes lie around that nothing names"),
    _("An attachment is evidence: of one that can be exchanged nobody knows what was attached."),
    (
        Question("altered", _("The bytes of %(reference)s are %(detail)s."), altered, heavy=True),
        Question(
            "unnamed", _("File %(reference)s lies there for two days, and nothing names it."), unnamed, heavy=True
        ),
    ),
)
