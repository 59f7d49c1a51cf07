"""Doing the rows of a bulk: each the single operation in a transaction of its own, which also keeps its result.

So a row is done once, whoever is killed and however many work at it: PostgreSQL says what is left.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.audit.recording import plain
from itsm.bulk import macros, queries
from itsm.bulk.models import Bulk, BulkRow
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, DomainError, NotFound, NotPermitted, StaleVersion, said_by_the_database
from itsm.ui.figures import exact
from itsm.work import actions

logger = logging.getLogger(__name__)

AT_ONCE = 50
_ATTEMPTS = 5
_WORDS = ("noted", "watched", "unwatched", "linked", "unlinked", "task_added", "task_changed", "task_done",
          "task_undone", "task_removed")  # fmt: skip
R = BulkRow.Result
_SETTLED = ("result", "code", "sentence", "changes", "after_version", "undo_owed")


def work(bulk: Bulk, *, most: int | None = None) -> Bulk:
    """Do up to `most` (50) of the rows that are left, of an all-or-none one all, and say when none is.

    Safe to run twice. Raises nothing: what is too busy is left for later. Returns the bulk as it stands then.
    """
    if bulk.atomic and bulk.state == Bulk.State.WORKING:
        _all_or_none(bulk)
    else:
        for _turn in range(AT_ONCE if most is None else most):
            if not _next(bulk):
                break
    _finish(bulk, timezone.now())
    return Bulk.objects.select_related("owner").get(pk=bulk.pk)


def _next(bulk: Bulk) -> bool:
    """Settle the next row that nobody else is at. False where there is none."""
    row: BulkRow | None = None
    try:
        with transaction.atomic():
            left = bulk.rows.select_for_update(no_key=True, skip_locked=True).filter(result=R.WAITING)
            if bulk.state == Bulk.State.UNDOING:
                left = bulk.rows.select_for_update(no_key=True, skip_locked=True).filter(undo_owed=True)
            row = left.order_by("attempts", "index").first()
            if row is None:
                return False
            settle = _take_back if row.undo_owed else _do
            settle(bulk, row)
            row.save(update_fields=_SETTLED)
    except (OperationalError, InterfaceError) as error:
        if row is None:
            logger.warning("bulk %s waits: %s", bulk.pk, said_by_the_database(error))
            return False
        _was_busy(row)
    return True


def _do(bulk: Bulk, row: BulkRow) -> None:
    """What the actor may do to this record now, done; or why not."""
    try:
        with transaction.atomic():
            _carry_out(bulk, row)
    except (OperationalError, InterfaceError):
        raise
    except DomainError as refusal:
        _refused(row, refusal)
    except Exception as error:
        logger.exception("bulk %s, row %s failed", bulk.pk, row.index)
        row.result, row.code = R.REFUSED, "internal"
        row.sentence = gettext("That was our fault (%(error)s); nothing was changed.") % {"error": type(error).__name__}


def _carry_out(bulk: Bulk, row: BulkRow) -> None:
    """Raises what the operations refuse with."""
    actor = _actor(bulk)
    record = _record(bulk, row, actor)
    todo = macros.for_record(bulk.macro, actions.parse(bulk.actions), record, actor)
    because = bulk.title if bulk.macro else ""
    done = actions.carry_out(record, todo, actor=actor, version=None, because=because)
    row.result = R.DONE if done.changes else R.UNCHANGED
    if done.changes:
        row.changes, row.after_version = plain(done.changes), done.record.version


def _refused(row: BulkRow, refusal: DomainError) -> None:
    row.result = R.UNSEEN if isinstance(refusal, NotFound) else R.REFUSED
    row.code, row.sentence = refusal.code, refusal.detail[:1000]


def _actor(bulk: Bulk) -> Actor:
    """Who sent it, with the rights of this moment. Raises NotPermitted for somebody who has left."""
    owner = User.objects.get(pk=bulk.owner_id)
    if not owner.is_active:
        raise NotPermitted(gettext("%(name)s does not work here any more.") % {"name": owner})
    # What is read of their rights holds for this record alone.
    return replace(actor_for(owner, Door(bulk.via)), memo={}, request_id=bulk.request_id)


def _record(bulk: Bulk, row: BulkRow, actor: Actor) -> Any:
    """Raises NotFound, with the same words for what does not exist and what the actor may not see."""
    found = actions.known(bulk.record_kind).visible(actor).filter(pk=row.record_id).first()
    if found is None:
        raise NotFound(gettext("It does not exist, or you may not see it."))
    return found


def _all_or_none(bulk: Bulk) -> None:
    """Do every row in one transaction; where one refuses nothing is done, and it is named."""
    try:
        with transaction.atomic():
            current = Bulk.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=bulk.pk).first()
            if current is None or current.state != Bulk.State.WORKING:
                return
            rows = list(current.rows.filter(result=R.WAITING).order_by("index"))
            busy_all_the_time = current.rows.filter(result=R.REFUSED).first()
            stopped = busy_all_the_time or _tried(current, rows)
            if stopped is not None:
                current.first_refused = stopped.index
                current.save(update_fields=["first_refused"])
                for row in rows:
                    if row.pk != stopped.pk:
                        row.result, row.code, row.changes, row.after_version = R.UNCHANGED, "all-or-none", None, None
                        row.sentence = gettext("Nothing was changed: another record refused.")
            BulkRow.objects.bulk_update(rows, ["result", "code", "sentence", "changes", "after_version"])
    except (OperationalError, InterfaceError) as error:  # a worker tries again
        logger.warning("bulk %s waits: %s", bulk.pk, said_by_the_database(error))
        if (first := bulk.rows.filter(result=R.WAITING).order_by("index").first()) is not None:
            _was_busy(first)


class _Stopped(Exception):
    """Takes what was done back."""


def _tried(bulk: Bulk, rows: list[BulkRow]) -> BulkRow | None:
    """The first row that refuses, with its result and with nothing done; None where all were done."""
    kept = None
    try:
        with transaction.atomic():
            _lock_in_order(bulk, rows)
            for row in rows:
                _do(bulk, row)
                if row.result in {R.REFUSED, R.UNSEEN}:
                    kept = row
                    raise _Stopped
    except _Stopped:
        return kept
    return None


def _lock_in_order(bulk: Bulk, rows: list[BulkRow]) -> None:
    """Lock the records by id, as everybody who locks several does."""
    model = actions.known(bulk.record_kind).model
    ids = [row.record_id for row in rows]
    list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))


def _take_back(bulk: Bulk, row: BulkRow) -> None:
    """Give an edit's record what it had before, unless somebody has changed it since; then say who and when."""
    row.undo_owed = False
    try:
        with transaction.atomic():
            actor = _actor(bulk)
            record = _record(bulk, row, actor)
            back = actions.known(bulk.record_kind).put_back
            if any(one.kind == "step" for one in actions.parse(bulk.actions)):  # also one that left the state as it was
                raise Conflict(gettext("A step was taken; steps are not taken back."))
            back(record, row.changes or {}, actor=actor, version=row.after_version)
            row.result, row.code, row.sentence = R.UNDONE, "", ""
    except (OperationalError, InterfaceError):
        raise
    except StaleVersion as refusal:
        row.code, row.sentence = refusal.code, _who_changed_it(bulk, row) or refusal.detail
    except DomainError as refusal:
        row.code, row.sentence = refusal.code, refusal.detail[:1000]
    except Exception as error:
        logger.exception("bulk %s, row %s was not taken back", bulk.pk, row.index)
        row.code = "internal"
        row.sentence = gettext("That was our fault (%(error)s); it stays as it is.") % {"error": type(error).__name__}


def _who_changed_it(bulk: Bulk, row: BulkRow) -> str:
    """The newest change of the record that was more than words: who, and when in the zone of who reads it."""
    words = [f"{bulk.record_kind}.{event}" for event in _WORDS]
    about = Entry.objects.filter(record_kind=bulk.record_kind, record_id=row.record_id).exclude(event__in=words)
    newest = about.order_by("-id").first()
    return f"{newest.actor_name}, {exact(newest.at)}" if newest else ""


def _was_busy(row: BulkRow) -> None:
    """Leave it for later; after five times it is refused, or kept as it is."""
    with transaction.atomic():
        held = BulkRow.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=row.pk).first()
        if held is None:
            return
        held.attempts += 1
        if held.attempts >= _ATTEMPTS:
            held.code, held.sentence = "unavailable", gettext("It was busy all the time; try again.")
            held.undo_owed = False
            held.result = R.REFUSED if held.result == R.WAITING else held.result
        held.save()


def _finish(bulk: Bulk, at: datetime) -> None:
    """Say that nothing is left, once nothing is."""
    with transaction.atomic():
        current = Bulk.objects.select_for_update(no_key=True).get(pk=bulk.pk)
        if current.state == Bulk.State.WORKING and not current.rows.filter(result=R.WAITING).exists():
            current.state, current.finished_at = Bulk.State.DONE, at
        elif current.state == Bulk.State.UNDOING and not current.rows.filter(undo_owed=True).exists():
            current.state = Bulk.State.UNDONE
        else:
            return
        current.save(update_fields=["state", "finished_at"])


def go_on(seconds: float = 4.0) -> int:
    """Work at every bulk that is under way, the oldest first, for about so long. Returns how many are left.

    Safe to run twice and beside requests. Raises nothing.
    """
    begun = timezone.now()
    under_way = Bulk.objects.filter(state__in=(Bulk.State.WORKING, Bulk.State.UNDOING)).order_by("id")
    for bulk in list(under_way[:50]):
        before = None
        while bulk.state in {Bulk.State.WORKING, Bulk.State.UNDOING}:
            if (timezone.now() - begun).total_seconds() > seconds:
                return under_way.count()
            bulk = work(bulk)
            left = (queries.left_of(bulk), bulk.state)
            if left == before:
                break  # others are at it, or it is busy
            before = left
    return under_way.count()
