"""Some of what an import changed, or could not; of one that only looks, before what it did is taken back."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from catalog.cmdb.models import CI, History
from catalog.cmdb.queries.items import visible_items
from catalog.reconciliation.models import Conflict, Run
from catalog.reconciliation.vocabulary import IDENTITY, ConflictState
from itsm.kernel.actors import Actor

MOST = 50  # of each kind
_LONGEST = 200


def found_in(run: Run, new: Sequence[int | None] = ()) -> list[dict[str, Any]]:
    """What went from what to what in the items that were there ({item, name, key, before, after}), and what the source
    says and does not hold ({item, name, key, holds, says}); `new`: items that the run made. `item` is a reference."""
    changed, held = list(_changes(run, new)), list(_held(run))
    names = {one.pk: one for one in CI.objects.filter(pk__in={item for item, _ in chain(changed, held)})}
    return [
        {"item": names[item].reference, "name": names[item].name, **said}
        for item, said in chain(changed, held)
        if item in names
    ]


def shown_to(run: Run, actor: Actor) -> list[dict[str, Any]]:
    """The same, of the items that the actor may see."""
    rows = run.examples if run.dry else found_in(run, _made_by(run))
    numbers = {row["item"]: row["item"].rpartition("-")[2] for row in rows}
    seen = set(visible_items(actor).filter(pk__in=map(int, numbers.values())).values_list("pk", flat=True))
    return [row for row in rows if int(numbers[row["item"]]) in seen]


def _made_by(run: Run) -> list[int | None]:
    return list(run.documents.filter(outcome="created", ci__isnull=False).values_list("ci", flat=True)[:10_000])


def _changes(run: Run, new: Sequence[int | None]) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = History.objects.filter(run=run.pk).order_by("id").iterator(500)
    made = set(new)
    for row in islice((one for one in rows if one.ci_id not in made), MOST):
        yield row.ci_id, {"key": row.key, "before": _short(row.before), "after": _short(row.after)}


def _held(run: Run) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = Conflict.objects.filter(record__source=run.source_id, state=ConflictState.OPEN).exclude(key=IDENTITY)
    rows = rows.filter(record__last_seen_at__gte=run.created_at)
    if run.finished_at is not None:  # what a later one has seen again is told there
        rows = rows.filter(record__last_seen_at__lte=run.finished_at)
    for row in rows.order_by("id")[:MOST]:
        yield row.ci_id, {"key": row.key, "holds": _short(row.values["holds"]), "says": _short(row.values["says"])}


def _short(value: Any) -> Any:
    """A value that a line of a page can show."""
    return value[:_LONGEST] if isinstance(value, str | list) else value
