"""What is true is worked out anew for records about which something was said."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.cmdb.models import CI
from catalog.cmdb.operations.locking import hold_items
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation.models import Renewal, Source, SourceRecord
from catalog.reconciliation.operations.alone import one_at_a_time
from catalog.reconciliation.operations.batches import Batch
from catalog.reconciliation.operations.differing import follow_records
from catalog.reconciliation.operations.sources import people
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import BATCH
from itsm import lifecycle
from itsm.kernel.actors import Actor


def renew(
    records: Collection[SourceRecord],
    *,
    actor: Actor,
    at: datetime,
    leaving: Sequence[SourceRecord] = (),
    left: CI | None = None,
) -> None:
    """Place these records again and let their items be what is true, in the caller's transaction and under its lock.

    `leaving`: those that a person takes out of the item `left`: they go back to one that had been merged into it, or
    else to a new one. Raises nothing.
    """
    known = Known()
    batch = Batch.by_hand(people(), known, actor, at)
    if leaving and left is not None:
        hold_items([left.pk, *CI.objects.filter(merged_into=left).values_list("pk", flat=True)])
        _restore(leaving, left, actor)
    batch.moved = list(SourceRecord.objects.filter(pk__in=[one.pk for one in records]).order_by("pk"))
    batch.renew_items(batch.moved)
    batch.linker.follow([*batch.moved, *batch.rehoused])


def renew_items(items: Collection[int], *, actor: Actor, at: datetime) -> None:
    """Let these items be what their records make true, without asking again whose the records are. Raises nothing."""
    hold_items(items)  # whoever is writing in one of them is believed first
    batch = Batch.by_hand(people(), Known(), actor, at)
    rows = CI.objects.filter(pk__in=items, merged_into=None).select_related("ci_class", "team")
    batch.writer.renew(list(rows), batch.records_of(items))


def renew_all(*, actor: Actor, at: datetime, source: Source | None = None) -> int:
    """Work out anew what is true of every item of which a source speaks (of this one, where it is given): ranks were
    changed, or a source has fallen silent. Batches of 500, a transaction each; safe to run twice. Returns how many.
    Raises nothing."""
    done, last = 0, 0
    rows = SourceRecord.objects.filter(**({"source": source} if source is not None else {}), ci__isnull=False)
    while True:
        with transaction.atomic():
            one_at_a_time()
            found = rows.filter(ci__gt=last).order_by("ci_id").values_list("ci_id", flat=True).distinct()
            items = list(found[:BATCH])
            if not items:
                return done
            renew_items(items, actor=actor, at=at)
        done, last = done + len(items), items[-1]


def renew_owed(*, actor: Actor) -> int:
    """Work out what is owed, batches of 500, a transaction each with its cursor: one that is killed goes on where it
    stood, two at once take turns. Returns how many items were looked at. Raises nothing."""
    seen = 0
    for pk in Renewal.objects.filter(ended_at=None).order_by("asked_at").values_list("pk", flat=True):
        while looked_at := _next(pk, actor):
            seen += looked_at
    return seen


@transaction.atomic
def _next(pk: int, actor: Actor) -> int:
    """A batch and the cursor behind it. 0 where nothing is left, or somebody else is at it."""
    one_at_a_time()
    owed = Renewal.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk, ended_at=None).first()
    if owed is None:
        return 0
    rows = SourceRecord.objects.filter(source=owed.source_id, ci__gt=owed.through).order_by("ci_id")
    items = list(rows.values_list("ci_id", flat=True).distinct()[:BATCH])
    at = timezone.now()
    if items:
        renew_items(items, actor=actor, at=at)
        owed.through, owed.done = items[-1], owed.done + len(items)
    if len(items) < BATCH:
        owed.ended_at = max(at, owed.asked_at)
    owed.save(update_fields=["through", "done", "ended_at"])
    return len(items)


def _restore(leaving: Sequence[SourceRecord], left: CI, actor: Actor) -> None:
    asleep = CI.objects.filter(merged_into=left).order_by("pk").first()
    if asleep is None:
        SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=None)
        return
    with lifecycle.edit(asleep, actor=actor, version=None, version_required=False, event="split") as current:
        current.merged_into = None
    SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=asleep)
    follow_records(leaving)
    SourceRecord.objects.filter(source__slug=PEOPLE, key=asleep.reference, ci=left).update(ci=asleep)
