"""Imports that are owed are done: what a request left, and what a killed worker left in the middle."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.formats.documents import Read
from catalog.formats.options import Column
from catalog.reconciliation.models import Run
from catalog.reconciliation.operations.applying import apply, fail
from catalog.reconciliation.operations.keeping import keep_mapping
from catalog.reconciliation.operations.planning import plan
from catalog.reconciliation.operations.sources import source_for
from catalog.reconciliation.vocabulary import BATCH, RunState
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError, InvalidInput, WrongState
from itsm.locks import AdvisoryLock, for_a_session

logger = logging.getLogger(__name__)

_OWED = (RunState.PLANNED, RunState.APPLYING)


@transaction.atomic
def plan_read(
    read: Read, format_: str, source: str = "", *, actor: Actor, columns: Sequence[Column] = (), **how: Any
) -> Run:
    """A planned run of what was read, of the source of this key, which begins where there is none yet.

    `columns`: kept for the source's next table. `how`: as `plan` takes it. Raises NotPermitted and
    InvalidInput as `source_for` and `plan` do, and then nothing began: not even the source.
    """
    found = source_for(format_, source, actor=actor)
    run = plan(found, read, actor=actor, **how)
    if columns:
        keep_mapping(found, columns, actor=actor)
    return run


def begin(run: Run, *, actor: Actor) -> Run:
    """A short run is through when this returns; a long one is left to the workers. Raises as `finish` does:
    NotPermitted, WrongState and InvalidInput."""
    return run if run.total > BATCH else finish(run, actor=actor)


def finish(run: Run, *, actor: Actor) -> Run:
    """The run, through. A worker may have seen it first: then this waits for them.

    Raises NotPermitted, WrongState for a run that ended otherwise, and InvalidInput for one that is refused as a whole,
    which is over then.
    """
    try:
        return apply(run, actor=actor)
    except WrongState:
        run.refresh_from_db()
        if run.state != RunState.DONE:
            raise
        return run
    except InvalidInput as refused:
        fail(run, actor=actor, problem=refused.detail)
        raise


def go_on() -> int:
    """Take in what is owed, run by run, but for sources at which somebody is. Returns how many. Safe to run twice."""
    done = 0
    for run in Run.objects.filter(state__in=_OWED).select_related("started_by").order_by("pk"):
        with _if_free(run.source_id) as free:
            if free:
                done += _taken_in(run)
    return done


def _taken_in(run: Run) -> bool:
    actor = actor_for(run.started_by, Door.TASK) if run.started_by else Actor.system("import")
    try:
        apply(run, actor=actor)
    except DomainError as refused:
        run.refresh_from_db()
        if run.state in _OWED:
            logger.warning("import %s: %s", run.reference, refused)
            fail(run, actor=Actor.system("import"), problem=refused.detail or gettext("It cannot be taken in."))
        return False
    return True


@contextmanager
def _if_free(source: int) -> Iterator[bool]:
    """Whether nobody applies a run of this source; nobody else begins one meanwhile."""
    with for_a_session(AdvisoryLock.RUN_OF_SOURCE, source) as free:
        yield free
