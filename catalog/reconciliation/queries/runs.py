"""Imports as pages, REST and the command read them: each counts what the reader may know of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum

from catalog.cmdb.queries.items import hidden_items
from catalog.reconciliation import permissions
from catalog.reconciliation.models import Run, RunDocument
from catalog.reconciliation.vocabulary import Outcome
from itsm.kernel.actors import Actor


class Counts(NamedTuple):
    """Of one run: documents that were `read`, of which `total` are taken in one by one and `through` are done; by
    outcome; `held`: of which something is not believed; `claimed`: relations; `gone`: items of which the source has no
    record any more; `kept`: what stays as strict as it was."""

    read: int
    total: int
    through: int
    created: int
    updated: int
    unchanged: int
    refused: int
    held: int
    claimed: int
    gone: int
    kept: int


def visible_runs(actor: Actor) -> QuerySet[Run]:
    """The imports that this actor may see, the newest first: who works here sees all."""
    rows = Run.objects.select_related("source", "started_by")
    return rows if permissions.run_readers(actor) else rows.none()


def counted(runs: Sequence[Run], actor: Actor) -> dict[int, Counts]:
    """Run -> its counts without what this actor may not know of."""
    if not runs:
        return {}
    hidden = hidden_items(actor)
    rows = RunDocument.objects.filter(run__in=runs, ci__in=hidden).values("run").order_by()
    through = Q(n__lt=F("run__cursor"))
    found = rows.annotate(
        total=Count("pk"), through=Count("pk", filter=through), claimed=Sum("claims"),
        held=Count("pk", filter=through & Q(held=True)),
        **{one.value: Count("pk", filter=through & Q(outcome=one)) for one in Outcome},
    )  # fmt: skip
    unseen: dict[int, dict[str, Any]] = {row["run"]: dict(row) for row in found} if hidden else {}
    return {one.pk: _counts(one, unseen.get(one.pk, {}), hidden) for one in runs}


def report(run: Run, actor: Actor, counts: Counts | None = None) -> dict[str, Any]:
    """What became of the documents: read, created, updated, unchanged, refused with reasons, relations claimed; as far
    as this actor may know of the items. `counts`: those of the run, where the caller has them."""
    refused = run.documents.filter(outcome=Outcome.REFUSED).exclude(ci__in=hidden_items(actor))
    counts = counts or counted([run], actor)[run.pk]
    return {
        "read": counts.read,
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "refused": [
            {"document": name, "reason": reason} for name, reason in refused.order_by("n").values_list("name", "reason")
        ],
        "relations": counts.claimed,
    }


def _counts(run: Run, unseen: dict[str, Any], hidden: set[int]) -> Counts:
    said = {name: run.counts.get(name, 0) - (unseen.get(name) or 0) for name in ("held", "claimed", *Outcome)}
    unknown = [row for row in run.kept if hidden & {row["item"], row["other"]}]
    documents = unseen.get("total", 0)
    return Counts(
        read=run.counts.get("read", 0) - documents,
        total=run.total - documents,
        through=run.cursor - unseen.get("through", 0),
        created=said[Outcome.CREATED], updated=said[Outcome.UPDATED], unchanged=said[Outcome.UNCHANGED],
        refused=said[Outcome.REFUSED], held=said["held"], claimed=said["claimed"],
        gone=sum(one not in hidden for one in run.gone), kept=run.counts.get("kept", 0) - len(unknown),
    )  # fmt: skip
