"""An import: drafts in transactions of 200, so that one that was killed goes on where it stood.

What was imported before and reads the same is left alone; what reads otherwise is written where nobody edited it here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction
from django.utils.translation import gettext

from incidents.imports.formats.drafts import Draft, Refused, Source
from incidents.imports.models import Imported
from incidents.imports.operations.stand_ins import StandIns
from incidents.imports.operations.writing import Writer
from itsm.accounts.operations import triage_id
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.locks import AdvisoryLock

TOGETHER = 200


@dataclass(slots=True)
class Outcome:
    """What an import came to; numbers of incidents, `rows` and `refused` of the source's rows."""

    rows: int = 0
    incidents: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


Told = Callable[[Draft, str], None]


def import_incidents(
    source: Source, *, actor: Actor, label: str, dry_run: bool = False, told: Told = lambda draft, result: None
) -> Outcome:
    """Bring in every draft; `told` hears of each how it went (created, updated, unchanged) once that is kept.

    No matrix, rule, clock or mail takes part: the source says how it was. Two at once wait for one another batch by
    batch. In a dry run nothing is written. Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Imports are started on the server."))
    outcome = Outcome()
    stand_ins = StandIns(source.prefix, label, actor)
    drafts = source.drafts()
    while batch := list(islice(drafts, TOGETHER)):
        results = _judged(source, batch) if dry_run else _kept(source, batch, stand_ins, actor)
        for draft in batch:
            result = results[draft.key]
            setattr(outcome, result, getattr(outcome, result) + 1)
            told(draft, result)
    outcome.rows, outcome.refused = source.rows, sorted(source.refused, key=lambda one: one.row)
    outcome.incidents = outcome.created + outcome.updated + outcome.unchanged
    return outcome


def _known(source: Source, batch: list[Draft]) -> dict[str, Imported]:
    found = Imported.objects.filter(source=source.name, key__in=[draft.key for draft in batch])
    return {one.key: one for one in found}


def _result(draft: Draft, known: dict[str, Imported]) -> str:
    if (one := known.get(draft.key)) is None:
        return "created"
    return "unchanged" if one.fingerprint == draft.fingerprint else "updated"


def _judged(source: Source, batch: list[Draft]) -> dict[str, str]:
    """What would become of each, by key."""
    known = _known(source, batch)
    return {draft.key: _result(draft, known) for draft in batch}


def _kept(source: Source, batch: list[Draft], stand_ins: StandIns, actor: Actor) -> dict[str, str]:
    """Write a batch in a transaction of its own. Returns what became of each, by key."""
    with transaction.atomic():
        _one_at_a_time()
        known = _known(source, batch)
        results = {draft.key: _result(draft, known) for draft in batch}
        written = [draft for draft in batch if results[draft.key] != "unchanged"]
        if written:
            stand_ins.need_people(name for one in written for name in (one.caller, one.opened_by, one.assigned_to))
            stand_ins.need_teams(one.team for one in written)
            stand_ins.need_categories(one.category for one in written if one.category)
            writer = Writer(source.name, stand_ins, triage_id(), actor)
            writer.create([draft for draft in written if results[draft.key] == "created"])
            writer.update([(known[draft.key], draft) for draft in written if results[draft.key] == "updated"])
    return results


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.IMPORT])
