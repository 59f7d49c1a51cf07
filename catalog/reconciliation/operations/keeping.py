"""What is kept for the next import: how a table is read; what was looked at, taken in as it was seen."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext

from catalog.formats.options import Column
from catalog.reconciliation.models import Mapping, Run, RunDocument, Source
from catalog.reconciliation.operations.sources import require_importer
from catalog.reconciliation.vocabulary import BATCH, Outcome, RunState
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState


def keep_mapping(source: Source, columns: Iterable[Column], *, actor: Actor) -> Mapping:
    """The tables of this source are read so from now on. Raises NotPermitted."""
    require_importer(actor)
    said = {one.header.strip(): {"becomes": one.becomes, "unit": one.unit, "empty": one.empty} for one in columns}
    with transaction.atomic():
        kept, made = Mapping.objects.get_or_create(source=source, defaults={"columns": said})
        if made:
            return lifecycle.created(kept, actor=actor, changes={"columns": [None, said]})
        with lifecycle.edit(kept, actor=actor, version=None, version_required=False) as current:
            current.columns = said
    return current


def take_in(seen: Run, *, actor: Actor) -> Run:
    """A planned run of the documents that one which only looked has seen, refusals as they were.

    Raises NotPermitted, and WrongState for a run that did more than look, or is not through.
    """
    require_importer(actor)
    if not seen.dry or seen.state != RunState.DONE:
        raise WrongState(gettext("Only what was looked at, to its end, is taken in so."))
    with transaction.atomic():
        run = Run.objects.create(
            source=seen.source, complete=seen.complete, atomic=seen.atomic, total=seen.total, started_by_id=actor.id,
            change_reference=seen.change_reference,
            counts={name: seen.counts.get(name, 0) for name in ("read", "claimed")},
        )  # fmt: skip
        RunDocument.objects.bulk_create(_copies(seen, run), batch_size=BATCH)
        return lifecycle.created(
            run, actor=actor, changes={"source": [None, seen.source.slug], "documents": [None, run.total]}
        )


def _copies(seen: Run, run: Run) -> Iterable[RunDocument]:
    for one in seen.documents.order_by("n").iterator(BATCH):
        refused = one.outcome == Outcome.REFUSED and one.document is None
        yield RunDocument(
            run=run, n=one.n, name=one.name, document=one.document, reason=one.reason if refused else "",
            outcome=Outcome.REFUSED if refused else Outcome.WAITING, ci_id=one.ci_id, claims=one.claims,
        )  # fmt: skip
