"""What is true is worked out anew for records about which something was said."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from catalog.cmdb.models import CI
from catalog.cmdb.operations.locking import hold_items
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation.models import Source, SourceRecord
from catalog.reconciliation.operations.alone import one_at_a_time
from catalog.reconciliation.operations.batches import Batch
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


def _restore(leaving: Sequence[SourceRecord], left: CI, actor: Actor) -> None:
    asleep = CI.objects.filter(merged_into=left).order_by("pk").first()
    if asleep is None:
        SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=None)
        return
    with lifecycle.edit(asleep, actor=actor, version=None, version_required=False, event="split") as current:
        current.merged_into = None
    SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=asleep)
    SourceRecord.objects.filter(source__slug=PEOPLE, key=asleep.reference, ci=left).update(ci=asleep)
