"""Reads of bulks: one's own, their counts, and their rows with the records as far as the reader may see them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from itsm.bulk.models import Bulk, BulkRow
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import reference
from itsm.work import actions, linkable


def visible_bulks(actor: Actor) -> QuerySet[Bulk]:
    """One's own; nobody else's is there."""
    return Bulk.objects.filter(owner=actor.id).select_related("owner")


def bulk_named(actor: Actor, pk: int, record_kind: str = "") -> Bulk:
    """The bulk of this number (and of this kind of record), or NotFound (also for somebody else's)."""
    there = visible_bulks(actor).filter(pk=pk) if pk < 2**63 else Bulk.objects.none()
    found = (there.filter(record_kind=record_kind) if record_kind else there).first()
    if found is None:
        raise NotFound(gettext("There is no bulk %(number)s, or it is not yours.") % {"number": pk})
    return found


def counts_of(bulk: Bulk) -> dict[str, int]:
    """How many records have which result; 0 for none."""
    found = dict(bulk.rows.order_by().values_list("result").annotate(Count("pk")))
    return {name: found.get(name, 0) for name in BulkRow.Result.values}


def left_of(bulk: Bulk) -> int:
    """How many records still wait, to be done or to be taken back."""
    return bulk.rows.filter(result=BulkRow.Result.WAITING).count() + bulk.rows.filter(undo_owed=True).count()


def referred(bulk: Bulk, rows: Sequence[BulkRow]) -> list[BulkRow]:
    """The rows with `reference`, as it was sent."""
    prefix = linkable.prefix_of(bulk.record_kind)
    for row in rows:
        row.reference = reference(prefix, row.record_id)  # type: ignore[attr-defined]
    return list(rows)


def with_records(bulk: Bulk, rows: Sequence[BulkRow], actor: Actor) -> list[BulkRow]:
    """The rows with `reference`, and `record` where the reader may see it now."""
    wanted = [row.record_id for row in rows]
    there: dict[int, Any] = actions.known(bulk.record_kind).visible(actor).in_bulk(wanted)
    for row in referred(bulk, rows):
        row.record = there.get(row.record_id)  # type: ignore[attr-defined]
    return list(rows)
