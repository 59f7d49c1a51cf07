"""Some of what an import changed, or could not; of one that only looks, before what it did is taken back."""

from collections.abc import Collection, Container, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.db.models import Q

from catalog.cmdb.models import CI, History
from catalog.cmdb.queries.items import hidden_items
from catalog.reconciliation.models import Conflict, Run, RunDocument
from catalog.reconciliation.vocabulary import IDENTITY, ConflictState, Outcome
from itsm.kernel.actors import Actor

MOST = 50  # of each kind
_LONGEST = 200


def found_in(run: Run, documents: Iterable[RunDocument]) -> list[dict[str, Any]]:
    """What went from what to what in the items that were there ({item, name, key, before, after}), and what the source
    says and does not hold ({item, name, key, holds, says}). `documents`: those that are new, and those of which
    something is held. `item` is a reference."""
    new, held_back = set[int | None](), set[int | None]()
    for one in documents:
        if one.outcome == Outcome.CREATED:
            new.add(one.ci_id)
        if one.held:
            held_back.add(one.ci_id)
    changed, held = list(_changes(run, new)), list(_held(run, held_back))
    names = {one.pk: one for one in CI.objects.filter(pk__in={item for item, _ in chain(changed, held)})}
    return [
        {"item": names[item].reference, "name": names[item].name, **said}
        for item, said in chain(changed, held)
        if item in names
    ]


def shown_to(run: Run, actor: Actor) -> list[dict[str, Any]]:
    """The same, of the items that the actor may see."""
    rows = run.examples if run.dry else found_in(run, _told_by(run))
    hidden = hidden_items(actor)
    return [row for row in rows if int(row["item"].rpartition("-")[2]) not in hidden]


def _told_by(run: Run) -> Iterable[RunDocument]:
    wanted = Q(outcome=Outcome.CREATED) | Q(held=True)
    return run.documents.filter(wanted, ci__isnull=False).only("outcome", "held", "ci")[:10_000]


def _changes(run: Run, new: Container[int | None]) -> Iterator[tuple[int, dict[str, Any]]]:
    # Relations name other items, which not everybody may know; the run says how many there are.
    rows = History.objects.filter(run=run.pk).exclude(key__regex=r"^relat(ion|ed):").order_by("id").iterator(500)
    for row in islice((one for one in rows if one.ci_id not in new), MOST):
        yield row.ci_id, {"key": row.key, "before": _short(row.before), "after": _short(row.after)}


def _held(run: Run, items: Collection[int | None]) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = Conflict.objects.filter(record__source=run.source_id, state=ConflictState.OPEN).exclude(key=IDENTITY)
    rows = rows.filter(ci__in=items, record__last_seen_at__gte=run.created_at)
    if run.finished_at is not None:  # what a later one has seen again is told there
        rows = rows.filter(record__last_seen_at__lte=run.finished_at)
    for row in rows.order_by("id")[:MOST]:
        yield row.ci_id, {"key": row.key, "holds": _short(row.values["holds"]), "says": _short(row.values["says"])}


def _short(value: Any) -> Any:
    """A value that a line of a page can show."""
    return value[:_LONGEST] if isinstance(value, str | list) else value
