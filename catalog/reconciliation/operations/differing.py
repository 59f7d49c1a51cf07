"""Where sources differ, kept as conflicts: open until they agree again, or somebody accepts that they do not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.engine.homes import Asked
from catalog.engine.reconcile import Reconciled
from catalog.reconciliation.models import Conflict, SourceRecord
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.truth import key_of
from catalog.reconciliation.vocabulary import CLASS, IDENTITY, STATUS, ConflictState

At = tuple[int, str, int]  # item, key, record


def keep_conflicts(
    found: Mapping[int, Reconciled],
    records: Mapping[int, Sequence[SourceRecord]],
    states: Mapping[int, str],
    known: Known,
    at: datetime,
) -> set[int]:
    """Let these items have exactly the conflicts that their records come to. `states`: item -> its state of life, where
    a source may claim another. Returns the records of which something does not hold."""
    ids = {key_of(one, known): one.pk for ones in records.values() for one in ones}
    differ: dict[At, dict[str, Any]] = {}
    for item, one in found.items():
        for conflict in one.conflicts:
            differ[item, conflict.key, ids[conflict.record]] = {"holds": conflict.holds, "says": conflict.value}
        for branch in one.branches:
            differ[item, CLASS, ids[branch.record]] = {"holds": one.class_slug, "says": branch.class_slug}
        claimed = one.values.get(STATUS)
        if claimed is not None and item in states and claimed.value != states[item]:
            record = ids[claimed.why[0].claim.record]
            differ[item, STATUS, record] = {"holds": states[item], "says": claimed.value}
    _moved_away(ids.values(), found, at)
    there = {(one.ci_id, one.key, one.record_id): one for one in Conflict.objects.filter(ci__in=found)}
    renewed = [one for key, one in there.items() if key[1] != IDENTITY and _turned(one, differ.get(key), at)]
    Conflict.objects.bulk_update(renewed, ["state", "values", "last_seen"])
    _begun({key: values for key, values in differ.items() if key not in there}, at)
    return {record for _, _, record in differ}


def keep_questions(asked: Iterable[Asked], looked_at: Sequence[SourceRecord], known: Known, at: datetime) -> None:
    """What only people decide: an item whose records have come to speak of several things, and services that are one.
    `looked_at`: all records about which this was asked; what is not asked of them any more is settled."""
    ids = {key_of(one, known): one.pk for one in looked_at}
    wanted: dict[At, dict[str, Any]] = {}
    for one in asked:
        parts = [[f"{at.source}:{at.key}" for at in part] for part in one.parts]
        for item in one.items:
            values = {"question": str(one.question), "items": list(one.items), "parts": parts}
            wanted[item, IDENTITY, ids[min(one.parts[0])]] = values
    rows = Conflict.objects.filter(record__in=ids.values(), key=IDENTITY)
    there = {(one.ci_id, one.key, one.record_id): one for one in rows}
    renewed = [one for key, one in there.items() if _turned(one, wanted.get(key), at)]
    Conflict.objects.bulk_update(renewed, ["state", "values", "last_seen"])
    _begun({key: values for key, values in wanted.items() if key not in there}, at)


def _turned(one: Conflict, values: dict[str, Any] | None, at: datetime) -> bool:
    """Let a conflict be as it is now; whether that is otherwise. What was accepted was what they said then."""
    if values is None:
        turned = one.state != ConflictState.SETTLED
        one.state = ConflictState.SETTLED
    else:
        turned = one.state == ConflictState.SETTLED or one.values != values
        one.state, one.values = ConflictState.OPEN if turned else one.state, values
    one.last_seen = at if turned else one.last_seen
    return turned


def _begun(differ: Mapping[At, dict[str, Any]], at: datetime) -> None:
    Conflict.objects.bulk_create(
        Conflict(ci_id=item, key=key, record_id=record, values=values, first_seen=at, last_seen=at)
        for (item, key, record), values in differ.items()
    )


def follow_records(moved: Iterable[SourceRecord]) -> None:
    """What is known of a record's word goes with it to the item that it speaks of now: what was accepted stays so.

    Of what it differs there is found out anew; what people are asked (IDENTITY) is asked of the items. Raises nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [[one.pk for one in moved], IDENTITY])


_FOLLOW = """
UPDATE catalog_conflict x SET ci_id = r.ci_id FROM catalog_sourcerecord r
WHERE r.id = ANY (%s) AND x.record_id = r.id AND x.key <> %s AND x.ci_id <> r.ci_id
  AND NOT EXISTS (SELECT FROM catalog_conflict y WHERE y.ci_id = r.ci_id AND y.key = x.key AND y.record_id = r.id)
"""


def _moved_away(records: Iterable[int], items: Iterable[int], at: datetime) -> None:
    """A record that speaks of another item now differs from the former one no longer."""
    rows = Conflict.objects.filter(record__in=list(records)).exclude(ci__in=list(items)).exclude(key=IDENTITY)
    rows.exclude(state=ConflictState.SETTLED).update(state=ConflictState.SETTLED, last_seen=at)
