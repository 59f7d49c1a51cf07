"""A run is planned: every document is judged before the first one is taken in."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext

from catalog.formats.documents import Document, Read
from catalog.reconciliation import permissions
from catalog.reconciliation.models import Run, RunDocument, Source, SourceRecord
from catalog.reconciliation.operations.people import staged_teams_and_people
from catalog.reconciliation.operations.sources import require_importer
from catalog.reconciliation.operations.staging import NotUsable, staged
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import MOST_ATOMIC, Outcome, RunState
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.batches import batched
from itsm.kernel.errors import InvalidInput, NotPermitted

_CHUNK = 1000


@transaction.atomic
def plan(
    source: Source,
    read: Read,
    *,
    actor: Actor,
    dry: bool = False,
    complete: bool = False,
    atomic: bool = False,
    change: str = "",
) -> Run:
    """A run of what was read, with every refusal; nothing of it is taken in yet.

    `complete`: what the source has no more is gone. `atomic`: all or nothing, so that one refusal lets nothing in.
    Raises NotPermitted, and InvalidInput for a file that is broken (nothing of it is taken) or too much for one piece.
    """
    require_importer(actor)
    if read.broken:
        words = gettext("A file is broken: nothing was taken in.")
        raise InvalidInput(words, {"file": [one.reason for one in read.refused] or [words]})
    if atomic and len(read.documents) > MOST_ATOMIC:
        words = gettext("At most %(most)s documents are taken in as one.") % {"most": MOST_ATOMIC}
        raise InvalidInput.about("atomic", words)
    run = Run.objects.create(
        source=source, dry=dry, complete=complete, atomic=atomic, change_reference=change, started_by_id=actor.id
    )
    documents = _judged(run, read, actor)
    RunDocument.objects.bulk_create(documents, batch_size=_CHUNK)
    run.total = len(documents)
    run.counts = {"read": max(read.count, len(documents)), "claimed": read.relations}
    run.save(update_fields=["total", "counts"])
    return lifecycle.created(run, actor=actor, changes={"source": [None, source.slug], "documents": [None, run.total]})


def cancel(run: Run, *, actor: Actor) -> Run:
    """What is not taken in yet never is. Raises NotPermitted; what is over stays as it is."""
    if not permissions.importers(actor):
        raise NotPermitted(gettext("%(actor_name)s may not stop an import.") % {"actor_name": actor.name})
    with lifecycle.edit(run, actor=actor, version=None, version_required=False, event="cancelled") as current:
        if current.state in (RunState.PLANNED, RunState.APPLYING):
            current.state = RunState.CANCELLED
    return current


def _judged(run: Run, read: Read, actor: Actor) -> list[RunDocument]:
    known = Known()
    made: list[RunDocument] = []
    seen: set[str] = set()
    keys: dict[int, str] = {}
    for refused in read.refused:
        keys[len(made)] = refused.document
        made.append(_document(run, len(made), refused.document, reason=refused.reason))
    for name, content in staged_teams_and_people(read):
        made.append(RunDocument(run=run, n=len(made), name=name[:500], document=content))
    known.teams_to_come = {one.slug for one in read.teams}
    for document in read.documents:
        keys[len(made)] = document.key
        made.append(_one(run, len(made), document, known, actor, again=document.key in seen))
        seen.add(document.key)
    _say_of_what(made, keys, run.source)
    return made


def _say_of_what(made: Sequence[RunDocument], keys: Mapping[int, str], source: Source) -> None:
    """The items that the source spoke of before: who may not see them does not see these documents either."""
    for chunk in batched(keys.items(), _CHUNK):
        rows = SourceRecord.objects.filter(source=source, key__in=[key for _, key in chunk], ci__isnull=False)
        items = dict(rows.values_list("key", "ci_id"))
        for at, key in chunk:
            made[at].ci_id = items.get(key)


def _one(run: Run, n: int, document: Document, known: Known, actor: Actor, *, again: bool) -> RunDocument:
    name = document.place or document.key
    if again:
        return _document(run, n, name, reason=gettext("Another document has the same key."))
    try:
        content = staged(document, known, actor)
    except NotUsable as error:
        return _document(run, n, name, reason=str(error))
    said = content.as_json()
    return RunDocument(run=run, n=n, name=name[:500], document=said, claims=len(content.relations))


def _document(run: Run, n: int, name: str, *, reason: str) -> RunDocument:
    return RunDocument(run=run, n=n, name=name[:500], outcome=Outcome.REFUSED, reason=reason[:1000])
