"""What is true is worked out anew for records about which something was said."""

from collections.abc import Collection, Sequence
from datetime import datetime

from catalog.cmdb.models import CI
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.operations.batches import Batch
from catalog.reconciliation.operations.sources import people
from catalog.reconciliation.queries.known import Known
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
    else to a new one.
    """
    known = Known()
    batch = Batch.by_hand(people(), known, actor, at)
    if leaving and left is not None:
        _restore(leaving, left, actor)
    batch.moved = list(SourceRecord.objects.filter(pk__in=[one.pk for one in records]).order_by("pk"))
    batch.settle(batch.moved)


def renew_items(items: Collection[int], *, actor: Actor, at: datetime) -> None:
    """Let these items be what their records make true, without asking again whose the records are."""
    batch = Batch.by_hand(people(), Known(), actor, at)
    rows = CI.objects.filter(pk__in=items, merged_into=None).select_related("ci_class", "team")
    batch.writer.renew(list(rows), batch.records_of(items))


def _restore(leaving: Sequence[SourceRecord], left: CI, actor: Actor) -> None:
    asleep = CI.objects.filter(merged_into=left).order_by("pk").first()
    if asleep is None:
        SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=None)
        return
    with lifecycle.edit(asleep, actor=actor, version=None, version_required=False, event="split") as current:
        current.merged_into = None
    SourceRecord.objects.filter(pk__in=[one.pk for one in leaving]).update(ci=asleep)
