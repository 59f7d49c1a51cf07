"""Looking at items: what is bad becomes a finding, what is bad no more is cleared. Safe to run twice or late."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from catalog.cmdb.models import CI, History
from catalog.health.models import Examined, Finding
from catalog.health.queries.bad import bad
from catalog.health.vocabulary import ALIKE, CERTIFIED_FOR, FRESH_FOR, UNACCOUNTED_FOR, Kind
from itsm.kernel.actors import Actor
from itsm.work.tasks import remove_task

# One statement a kind: what is found, what was known, and the difference between both. A full join is never worked out
# row by row, however little the planner knows of the table that it grows meanwhile.
_EXAMINE = """
WITH bad(ci_id, key, detail) AS MATERIALIZED ({bad}),
known AS MATERIALIZED (
  SELECT f.id, f.ci_id, f.key, f.detail FROM catalog_finding f
  WHERE f.finding_kind = %(kind)s AND f.cleared_at IS NULL
    AND (%(ids)s::bigint[] IS NULL OR f.ci_id = ANY (%(ids)s))
),
compared AS MATERIALIZED (
  SELECT known.id, known.detail AS was, ci_id, key, bad.detail FROM bad FULL JOIN known USING (ci_id, key)
),
cleared AS (
  UPDATE catalog_finding f SET cleared_at = greatest(%(at)s::timestamptz, f.first_seen)
  FROM compared c WHERE c.id = f.id AND c.detail IS NULL
  RETURNING 1
),
told AS (
  UPDATE catalog_finding f SET detail = c.detail FROM compared c WHERE c.id = f.id AND c.detail <> c.was
  RETURNING 1
),
begun AS (
  INSERT INTO catalog_finding (finding_kind, ci_id, key, detail, first_seen, why, version)
  SELECT %(kind)s, c.ci_id, c.key, c.detail, %(at)s, '', 1 FROM compared c WHERE c.id IS NULL
  ON CONFLICT (finding_kind, ci_id, key) WHERE cleared_at IS NULL DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM begun), (SELECT count(*) FROM cleared)
"""
_MOST_TURNED = 5_000  # items that changed since, from which on all are looked at


class Seen(NamedTuple):
    """How many findings began, and how many are cleared."""

    begun: int
    cleared: int


def examine(items: Collection[int] | None = None, *, actor: Actor, at: datetime) -> Seen:
    """Look at these items, or at all; a statement for each kind, in a transaction of its own.

    Two at once differ in nothing: a finding is open once, and one that is cleared stays so. Raises nothing.
    """
    if items is not None and not items:
        return Seen(0, 0)
    begun = cleared = 0
    asked: dict[str, Any] = {
        "ids": None if items is None else list(items), "at": at, "fresh_for": FRESH_FOR, "alike": ALIKE,
        "certified_for": CERTIFIED_FOR, "unaccounted_for": UNACCOUNTED_FOR,
    }  # fmt: skip
    for kind in Kind:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_EXAMINE.format(bad=bad(kind, few=items is not None)), {**asked, "kind": kind.value})
            more, fewer = cursor.fetchone()
            begun, cleared = begun + more, cleared + fewer
    _take_tasks_back(actor)
    return Seen(begun, cleared)


def examine_all(*, actor: Actor, at: datetime) -> Seen:
    """Look at every item, and note when. Raises nothing."""
    seen = examine(actor=actor, at=at)
    Examined.objects.get_or_create(pk=1)
    Examined.objects.filter(pk=1).update(whole_at=at)
    return seen


def examine_edited(*, actor: Actor, at: datetime) -> Seen:
    """Look at the items that changed since this was last called, as their history says.

    Of two at once the second does nothing. What it misses (a row that was committed late, a team that lost its last
    member) the night finds. Raises nothing.
    """
    Examined.objects.get_or_create(pk=1)
    with transaction.atomic():
        through = Examined.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=1).first()
        if through is None:
            return Seen(0, 0)
        rows = History.objects.filter(pk__gt=through.history_id).order_by()
        turned = set(rows.values_list("ci_id", flat=True).distinct()[: _MOST_TURNED + 1])
        newest = rows.aggregate(newest=Max("pk"))["newest"]
        if newest is None:
            return Seen(0, 0)
        through.history_id = newest
        through.save(update_fields=["history_id"])
        return examine(None if len(turned) > _MOST_TURNED else turned, actor=actor, at=at)


def _take_tasks_back(actor: Actor) -> None:
    """What is cleared needs no work: its open task goes."""
    cleared = Finding.objects.filter(cleared_at__isnull=False, task__done_at=None, task__isnull=False)
    for finding in cleared.select_related("task", "ci"):
        with transaction.atomic():
            ci: CI = finding.ci
            if finding.task is not None:
                remove_task(ci, finding.task, actor=actor)
