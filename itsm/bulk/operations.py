"""Sending actions to many records and taking the edits back; `working` does the rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm.bulk import macros, permissions
from itsm.bulk.models import MOST, UNDO_WITHIN, Bulk, BulkRow
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.macros import texts
from itsm.work import actions
from itsm.work.actions import Action

KEPT_FOR = timedelta(days=30)


@transaction.atomic
def send(
    record_kind: str,
    *,
    actor: Actor,
    ids: Sequence[int],
    todo: Sequence[Action] = (),
    macro: str = "",
    atomic: bool = False,
) -> Bulk:
    """Keep what is to be done to these records, in their order, each once; `working.work` does it.

    Either `todo` or a `macro` (its slug). Raises NotPermitted, and InvalidInput
    for no or too many records, and for actions that name nothing.
    """
    if actor.id is None or not permissions.senders(actor):
        raise NotPermitted(gettext("%(name)s may not change many records at once.") % {"name": actor.name})
    frozen = list(dict.fromkeys(ids))
    if not 1 <= len(frozen) <= MOST:
        said = gettext("Send 1 to %(most)s records at once; these are %(count)s.")
        raise InvalidInput(said % {"most": MOST, "count": len(frozen)})
    if bool(todo) == bool(macro):
        raise InvalidInput(gettext("Send either actions or a macro."))
    name = ""
    if macro:
        name, todo = macros.named(macro, record_kind, actor)
    texts.check(todo)
    actions.check(record_kind, todo, actor=actor)
    made = Bulk.objects.create(
        owner_id=actor.id,
        via=actor.via,
        request_id=actor.request_id,
        record_kind=record_kind,
        title=(name or actions.summary(record_kind, todo))[:200],
        actions=actions.to_json(todo),
        macro=macro,
        atomic=atomic,
    )
    BulkRow.objects.bulk_create([BulkRow(bulk=made, index=place, record_id=pk) for place, pk in enumerate(frozen)])
    return made


@transaction.atomic
def undo(bulk: Bulk, *, actor: Actor, at: datetime) -> Bulk:
    """Owe that each edit is taken back whose record nobody has changed since; `working.work` does it.

    Raises NotPermitted (somebody else's), Conflict where it is under way, was taken back or is over half an hour old.
    """
    current = Bulk.objects.select_for_update(no_key=True).get(pk=bulk.pk)
    if not permissions.owners(actor, current):
        raise NotPermitted(gettext("Only who sent it takes it back."))
    if current.state == Bulk.State.WORKING:
        raise Conflict(gettext("It is still under way; wait until all records have a result."))
    if current.state != Bulk.State.DONE:
        raise Conflict(gettext("It was taken back already."))
    if current.finished_at is None or at > current.finished_at + UNDO_WITHIN:
        minutes = int(UNDO_WITHIN.total_seconds() // 60)
        raise Conflict(
            gettext("Edits can be taken back for %(minutes)s minutes; these are over.") % {"minutes": minutes}
        )
    current.state = Bulk.State.UNDOING
    current.save(update_fields=["state"])
    current.rows.filter(result=BulkRow.Result.DONE).update(undo_owed=True, attempts=0)
    return current


@transaction.atomic
def send_again(bulk: Bulk, *, actor: Actor) -> Bulk:
    """The same actions once more, to the records that refused.

    Raises NotPermitted, Conflict where none did, or where the macro is another one by now.
    """
    if not permissions.owners(actor, bulk):
        raise NotPermitted(gettext("Only who sent it tries again."))
    refused = bulk.rows.filter(result=BulkRow.Result.REFUSED)
    if bulk.atomic:
        refused = bulk.rows.all()
    ids = list(refused.order_by("index").values_list("record_id", flat=True))
    if not ids:
        raise Conflict(gettext("None refused; there is nothing to try again."))
    todo = actions.parse(bulk.actions)
    if bulk.macro and macros.named(bulk.macro, bulk.record_kind, actor)[1] != todo:
        raise Conflict(gettext("The macro was changed since; choose it again from the list."))
    words: dict[str, Any] = {"macro": bulk.macro} if bulk.macro else {"todo": todo}
    return send(bulk.record_kind, actor=actor, ids=ids, atomic=bulk.atomic, **words)


def forget(at: datetime) -> int:
    """Drop bulks that were sent over 30 days ago, with what was before. Returns how many. Raises nothing."""
    old = Bulk.objects.filter(created_at__lt=at - KEPT_FOR).exclude(state__in=(Bulk.State.WORKING, Bulk.State.UNDOING))
    count = old.count()
    old.delete()
    return count
