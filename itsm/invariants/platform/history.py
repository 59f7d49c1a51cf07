"""The history is whole and was not rewritten, and tells only of legal steps: I8 and I13."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from itsm.audit import anchors, verifying
from itsm.audit.legal_moves import OnlyMoves
from itsm.audit.models import Anchor, Verification
from itsm.audit.triggers import declared_by
from itsm.invariants.known import Found, Invariant, Question

_JUST_ANCHORED = timedelta(minutes=10)  # twice as long as there is between two


class Walked(NamedTuple):
    """A table whose rows walk a workflow: its kind, and every legal (from, to)."""

    kind: str
    table: str
    moves: frozenset[tuple[str, str]]


@cache
def walked() -> tuple[Walked, ...]:
    """Every table with a status that the database lets move along a workflow only."""
    found = []
    for model in apps.get_models():
        for trigger in declared_by(model):
            if isinstance(trigger, OnlyMoves) and hasattr(model, "kind"):
                pairs = frozenset((row[-2], row[-1]) for row in trigger.rows)
                found.append(Walked(model.kind, model._meta.db_table, pairs))
    return tuple(sorted(found))


def untold_moves(at: datetime) -> Iterator[Found]:
    """Records whose state is not the one to which their history last moved them."""
    for one in walked():
        yield from _found(
            f"""
            SELECT %(kind)s, e.reference, e.told || ' / ' || t.status
            FROM {one.table} t CROSS JOIN LATERAL (
              SELECT reference, changes #>> '{{status,1}}' AS told FROM audit_entry
              WHERE record_kind = %(kind)s AND record_id = t.id AND changes ? 'status' ORDER BY id DESC LIMIT 1
            ) e
            WHERE e.told <> t.status LIMIT 101
            """,  # noqa: S608 - the names of our own tables
            {"kind": one.kind},
        )


_ILLEGAL = """
SELECT e.record_kind, e.reference, (e.changes #>> '{status,0}') || ' → ' || (e.changes #>> '{status,1}')
FROM audit_entry e
WHERE e.id > %(after)s AND e.id <= %(upto)s AND e.changes ? 'status' AND e.record_kind = ANY (%(kinds)s)
  AND e.changes #>> '{status,0}' IS NOT NULL AND e.changes #>> '{status,1}' IS NOT NULL
  AND NOT (
    e.record_kind || ' ' || (e.changes #>> '{status,0}') || ' ' || (e.changes #>> '{status,1}') = ANY (%(moves)s)
  )
"""


def _legal_moves() -> dict[str, Any]:
    """What `_ILLEGAL` is given, read when it is asked: every app has its models by then."""
    moves = sorted({f"{one.kind} {' '.join(pair)}" for one in walked() for pair in one.moves})
    return {"kinds": sorted({one.kind for one in walked()}), "moves": moves}


def chain_lately(at: datetime) -> Iterator[Found]:
    """What came since the last check that proved all before it; nothing where none did yet: the hour reads it all."""
    known = Verification.objects.filter(findings=[]).first()
    if known is not None:
        heads = {int(chain): (seq, digest) for chain, (seq, digest) in known.heads.items()}
        yield from _as_found(verifying.verify(verifying.Since(heads, known.newest)).findings)


def chain_whole(at: datetime) -> Iterator[Found]:
    """All of it, and against what was anchored outside."""
    yield from _as_found(verifying.verify().findings)
    yield from _as_found(anchors.check(_of_this_state(anchors.read(Path(settings.ANCHORS_DIR)))))


def _of_this_state(outside: list[anchors.Said]) -> list[anchors.Said]:
    """The auditor sees the state of when it began: what was anchored since is not in it, and is looked at next time."""
    known = Anchor.objects.aggregate(Max("number"))["number__max"] or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        lately = cursor.fetchone()[0] - _JUST_ANCHORED
    return [one for one in outside if one.unproven or one.number <= known or one.at < lately]


def checked(at: datetime) -> Iterator[Found]:
    """What the newest check that was kept found."""
    newest = Verification.objects.first()
    for one in newest.findings if newest is not None else ():
        yield Found("audit_entry", f"entry {one['entry']}" if one["entry"] else f"chain {one['chain']}", one["words"])


def _as_found(findings: Iterable[verifying.Finding]) -> Iterator[Found]:
    for one in findings:
        where = f"chain {one.chain}, position {one.seq}" if one.entry is None else f"entry {one.entry}"
        yield Found("audit_entry", where, str(one))


def _found(statement: str, given: dict[str, Any]) -> Iterator[Found]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        yield from (Found(*map(str, row)) for row in cursor.fetchall())


COMPLETE = Invariant(
    "I8",
    _("The history is whole: what was done is told there, and nobody rewrote it"),
    _("Whoever audits reads the history. Where it can be rewritten or left out, it proves nothing."),
    (
        Question(
            "moves",
            _("%(reference)s stands where its history does not lead (%(detail)s: told, found)."),
            untold_moves,
            heavy=True,
        ),
        Question("checked", _("%(reference)s: %(detail)s, says the last check of the history."), checked),
        Question("chain", _("%(reference)s of the history is not what was written: %(detail)s."), chain_lately),
        Question(
            "chain_whole",
            _("%(reference)s of the history is not what was written: %(detail)s."),
            chain_whole,
            heavy=True,
        ),
    ),
    closes_gate=True,
)
LEGAL = Invariant(
    "I13",
    _("Records take only the steps that their workflow has"),
    _("A step that no workflow has was taken behind everybody's back: nobody was asked what it needs."),
    (
        Question(
            "moves",
            _("%(reference)s took a step that there is not: %(detail)s."),
            _ILLEGAL,
            walks="audit_entry",
            given=_legal_moves,
        ),
    ),
)
