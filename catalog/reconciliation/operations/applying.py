"""A run is applied: batches of 500, a transaction each with its cursor, so that one that was killed goes on there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.reconciliation.models import Run, RunDocument, SourceRecord
from catalog.reconciliation.operations.alone import one_at_a_time
from catalog.reconciliation.operations.batches import Batch
from catalog.reconciliation.operations.rows import conclude
from catalog.reconciliation.operations.sources import require_importer
from catalog.reconciliation.queries.examples import found_in
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import BATCH, MOST_KEPT, Outcome, RunState
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.locks import AdvisoryLock, for_a_session, taken_back


def apply(run: Run, *, actor: Actor, at: datetime | None = None) -> Run:
    """Take the documents in, from where the run stands; one run of a source at a time, a second one waits. `at`: when
    the source saw all of it, where that is not now.

    A dry run does the same and takes all of it back; only its own rows say what would be. An atomic one with a refusal
    fails, and nothing of it is taken in. Raises NotPermitted, and WrongState for a run that is over.
    """
    require_importer(actor)
    with _alone(run.source_id):
        run.refresh_from_db()
        if run.state not in (RunState.PLANNED, RunState.APPLYING):
            raise WrongState(gettext("This import is over."))
        if run.atomic and run.documents.filter(outcome=Outcome.REFUSED).exists():
            return _over(run, RunState.FAILED, actor, gettext("Something was refused: nothing was taken in."))
        if run.dry or run.atomic:
            _in_one_piece(run, actor, at)
        else:
            while _next_batch(run, actor, at):
                pass
        return run


def _next_batch(run: Run, actor: Actor, at: datetime | None) -> bool:
    """One transaction: a batch and the cursor behind it, or the end of the run. False where it is over."""
    with transaction.atomic():
        one_at_a_time()
        current = lifecycle.locked(run)
        if current.state not in (RunState.PLANNED, RunState.APPLYING):
            run.refresh_from_db()
            return False
        batch = Batch.of_run(current, Known(), actor, at or timezone.now())
        documents = _take(current, batch)
        if not documents and current.complete:
            _gone(current, batch)
        _count(current, batch, documents)
        if documents:
            _conclude(documents)
            current.state = RunState.APPLYING
            current.save(update_fields=["cursor", "counts", "kept", "state"])
        else:
            _finish(current, actor)
    run.refresh_from_db()
    return bool(documents)


def _in_one_piece(run: Run, actor: Actor, at: datetime | None) -> None:
    """Every batch in one transaction; a dry run takes it back and keeps what it found out."""
    written: list[RunDocument] = []
    with taken_back(run.dry):
        one_at_a_time()
        known, at = Known(), at or timezone.now()
        while documents := _take(run, batch := Batch.of_run(run, known, actor, at)):
            written += documents
            _count(run, batch, documents)
        if run.complete:
            _gone(run, batch)
            _count(run, batch)
        if run.dry:
            run.examples = found_in(run, written)
        else:
            _conclude(written)
            _finish(run, actor)
    if run.dry:
        with transaction.atomic():
            for one in written:
                if one.outcome == Outcome.CREATED:
                    one.ci_id = None  # it would be there; it is not
            # What they say is kept: looked at, they are taken in as they were seen.
            _conclude(written, keep=True)
            _finish(run, actor)


def _take(run: Run, batch: Batch) -> list[RunDocument]:
    """The next documents, taken in, and the cursor behind them."""
    documents = list(run.documents.filter(n__gte=run.cursor).order_by("n")[:BATCH])
    if documents:
        batch.take(documents)
        run.cursor += len(documents)
        counts = dict(run.counts)
        for one in documents:
            counts[one.outcome] = counts.get(one.outcome, 0) + 1
        run.counts = counts
    return documents


def _conclude(documents: Sequence[RunDocument], *, keep: bool = False) -> None:
    conclude({one.pk: (one.outcome, one.reason, one.held, one.ci_id) for one in documents}, keep=keep)


def _gone(run: Run, batch: Batch) -> None:
    """What the source had, and a complete run of it has not. One with refusals says nothing of what it had not."""
    if run.documents.filter(outcome=Outcome.REFUSED).exists():
        run.problem = gettext("Something was refused, so that nothing counts as gone.")
        return
    seen = SourceRecord.objects.filter(source=run.source, gone_at=None, last_seen_at__lt=run.created_at)
    records = list(seen)
    if records:
        run.gone = [*run.gone, *(one.ci_id for one in records if one.ci_id is not None)]
        batch.gone(records)
        run.counts = {**run.counts, "gone": run.counts.get("gone", 0) + len(records)}


def _count(run: Run, batch: Batch, documents: Sequence[RunDocument] = ()) -> None:
    kept = batch.linker.kept
    run.kept = [*run.kept, *kept][:MOST_KEPT]
    held = sum(one.held for one in documents)
    found = {"relations": batch.linker.made, "kept": len(kept), "held": held}
    run.counts = {**run.counts, **{name: run.counts.get(name, 0) + number for name, number in found.items()}}


def _finish(run: Run, actor: Actor) -> None:
    run.state, run.finished_at = RunState.DONE, timezone.now()
    run.save(update_fields=["cursor", "counts", "examples", "kept", "gone", "state", "problem", "finished_at"])
    counts: dict[str, Any] = {name: [None, number] for name, number in run.counts.items()}
    lifecycle.announce(run, "done", actor=actor, changes=counts)


def fail(run: Run, *, actor: Actor, problem: str) -> Run:
    """It ends where it stands, and says why. Raises nothing."""
    return _over(run, RunState.FAILED, actor, problem[:500])


def _over(run: Run, state: RunState, actor: Actor, problem: str) -> Run:
    with transaction.atomic():
        run.state, run.problem, run.finished_at = state, problem, timezone.now()
        run.save(update_fields=["state", "problem", "finished_at"])
        lifecycle.announce(run, str(state.value), actor=actor, remark=problem)
    return run


@contextmanager
def _alone(source: int) -> Iterator[None]:
    """This process alone applies runs of the source; the lock ends with the session, also where it is killed."""
    with for_a_session(AdvisoryLock.RUN_OF_SOURCE, source, waits=True):
        yield
