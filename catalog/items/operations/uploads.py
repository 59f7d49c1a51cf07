"""Files for forms: sent first, then named by an answer; what nobody asked with is forgotten after a day."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from catalog.items.models import FormUpload
from catalog.items.queries.uploads import unused_uploads
from itsm.accounts.permissions import participants
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.receiving import Received
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.work.models import Note

UNUSED_FOR = timedelta(days=1)
MOST_UNUSED = 40  # of a person
_AT_ONCE = 500


@transaction.atomic
def upload(received: Received, *, actor: Actor, at: datetime) -> Attachment:
    """Keep a file that its sender may answer a question with; its `key` is the answer.

    Raises NotPermitted, InvalidInput (empty), FileTooLarge, Conflict (too many wait, too much in a day), Unavailable.
    """
    if not participants(actor) or actor.id is None:
        raise NotPermitted(gettext("%(name)s may not ask for anything here.") % {"name": actor.name})
    files.require_usable([received])
    _require_room(actor, at, more=1)
    record = FormUpload.objects.create(by_id=actor.id, at=at)
    note = Note.objects.create(
        record_kind=record.kind, record_id=record.pk, text=gettext("A file for a form"), private=False,
        by_id=actor.id, at=at,
    )  # fmt: skip
    kept = files.keep(record, note, [received], actor=actor, in_history=False)
    _require_room(actor, at, more=0)  # again, now that whoever sends at the same time has waited for us, or we for them
    return kept[0]


def _require_room(actor: Actor, at: datetime, *, more: int) -> None:
    """Conflict where too many wait; what was taken back waits for nothing."""
    waiting = unused_uploads(actor).filter(at__gt=at - UNUSED_FOR).count()
    if waiting + more > MOST_UNUSED:
        said = gettext("At most %(most)d files wait to be asked with; ask with some of them, or come back tomorrow.")
        raise Conflict(said % {"most": MOST_UNUSED})


@transaction.atomic
def use_uploads(keys: Collection[str], record: Any, *, actor: Actor) -> None:
    """These files belong to `record` from now on; whoever asks twice at once is refused the second time.

    Raises InvalidInput (used meanwhile, or not theirs).
    """
    if not keys:
        return
    ids = Attachment.objects.filter(key__in=keys, record_kind=FormUpload.kind, by=actor.id, withdrawn_at=None)
    unused = FormUpload.objects.select_for_update(no_key=True).filter(
        pk__in=list(ids.values_list("record_id", flat=True)), record_id=None
    )
    held = list(unused.values_list("pk", flat=True))
    if ids.filter(record_id__in=held).count() < len({*keys}):  # looked for again: taken back while we waited
        raise InvalidInput(gettext("A file was asked with already; send it once more."))
    unused.update(record_kind=record.kind, record_id=record.pk)


def take_back(attachment: Attachment, *, actor: Actor) -> None:
    """A file that nothing was asked with is gone. The caller found it among the actor's. Raises nothing."""
    _withdraw(unused_uploads(actor).filter(pk=attachment.pk), actor)


def leave_nothing(keys: Collection[str], *, actor: Actor) -> dict[str, str]:
    """These files of the actor are gone at once: a form was only tried. Returns their names by key. Raises nothing."""
    found = unused_uploads(actor).filter(key__in=keys)
    names = {str(one.key): one.name for one in found}
    _withdraw(found, actor)
    return names


@transaction.atomic
def _withdraw(unused: "QuerySet[Attachment]", actor: Actor) -> None:
    """The rows stay for the day that they count for, else whoever sends and takes back would fill the disk unseen."""
    free = FormUpload.objects.select_for_update(no_key=True).filter(
        pk__in=list(unused.values_list("record_id", flat=True)), record_id=None
    )
    on = {"record_kind": FormUpload.kind, "record_id__in": list(free.values_list("pk", flat=True))}
    Attachment.objects.filter(**on, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=actor.account_id
    )


def forget_unused(at: datetime) -> int:
    """Files that nothing was asked with for a day are gone. Returns how many. Safe to run twice."""
    old = FormUpload.objects.filter(record_id=None, at__lte=at - UNUSED_FOR).order_by("id")
    return _forget(list(old.values_list("pk", flat=True)[:_AT_ONCE]))


def forget_uploads_of(record_kind: str, ids: Collection[int]) -> None:
    """The same of what these records were asked with, where their texts are purged. Raises nothing."""
    used = FormUpload.objects.filter(record_kind=record_kind, record_id__in=ids)
    for one in used:  # few: an ask has a file or two
        one.record_kind, one.record_id = "", None
        one.save(update_fields=["record_kind", "record_id"])
        _forget([one.pk])


@transaction.atomic
def _forget(ids: Collection[int]) -> int:
    """Rows alone: bytes that no row names are swept."""
    free = FormUpload.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=ids, record_id=None)
    going = list(free.values_list("pk", flat=True))
    on = {"record_kind": FormUpload.kind, "record_id__in": going}
    Attachment.objects.filter(**on).delete()
    Note.objects.filter(**on).delete()
    FormUpload.objects.filter(pk__in=going).delete()
    return len(going)
