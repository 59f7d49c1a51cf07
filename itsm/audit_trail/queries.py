"""The history as somebody may read it, one entry with its link, and whether all of it is proven."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from itsm.accounts.queues import rights_in_queues
from itsm.audit.models import Anchor, Copied, Entry, Link, Verification
from itsm.audit_trail.anchoring import EVERY, FOLDER
from itsm.audit_trail.models import AskedCheck
from itsm.kernel.actors import Actor
from itsm.search.models import Document
from itsm.search.withheld import kinds_beside_the_index, on_hidden
from itsm.signing import keys

SILENT = 2 * EVERY + timedelta(minutes=1)


def entries(actor: Actor) -> QuerySet[Entry]:
    """The history of everything, newest first, without that of records in queues that are hidden from the reader, and
    of what stands on them: pages, escalations, tasks, files."""
    rows = Entry.objects.order_by("-id")
    hidden = [] if actor.is_system else sorted(rights_in_queues(actor).hidden)
    if not hidden:
        return rows
    about = Document.objects.filter(record_kind=OuterRef("record_kind"), record_id=OuterRef("record_id"))
    rows = rows.exclude(Exists(about.filter(audience__overlap=[f"queue:{one}" for one in hidden])))
    for kind, model in kinds_beside_the_index().items():
        standing = model._base_manager.filter(on_hidden(model, hidden), pk=OuterRef("record_id"))
        rows = rows.exclude(Exists(standing), record_kind=kind)
    return rows


def links_of(entry: Entry) -> list[Link]:
    """What proves an entry, oldest first: as it was written, then as it was masked."""
    return list(Link.objects.filter(entry_id=entry.pk).order_by("revision"))


@dataclass(frozen=True, slots=True)
class State:
    """Whether the history is proven, until when, and where its heads lie outside.

    `checked`: the newest check; `whole`: the newest of all of it; `anchor`: the newest one, `outside`: copied up to
    which; `silent`: nothing was laid outside for too long; `signed`: this desk has a key;
    `under_way`: a check of all of it that somebody asked for.
    """

    checked: Verification | None
    whole: Verification | None
    anchor: Anchor | None
    outside: Copied | None
    silent: bool
    signed: bool
    folder: str
    under_way: AskedCheck | None

    @property
    def is_proven(self) -> bool:
        """The newest check found nothing, nor did the newest one of everything."""
        return bool(self.checked and not self.checked.findings and not (self.whole and self.whole.findings))

    @property
    def word(self) -> str:
        """One of: unchecked, broken, silent, unsigned, proven."""
        if self.checked is None:
            return "unchecked"
        if not self.is_proven:
            return "broken"
        if self.silent:
            return "silent"
        return "proven" if self.signed else "unsigned"


def state(at: datetime | None = None) -> State:
    """As it stands at an instant (now)."""
    now = at or timezone.now()
    outside = Copied.objects.filter(place=FOLDER).first()
    return State(
        checked=Verification.objects.first(),
        whole=Verification.objects.filter(whole=True).first(),
        anchor=Anchor.objects.first(),
        outside=outside,
        silent=outside is None or outside.at is None or outside.at < now - SILENT,
        signed=keys.is_available(),
        folder=settings.ANCHORS_DIR,
        under_way=AskedCheck.objects.filter(ended_at=None).first(),
    )
