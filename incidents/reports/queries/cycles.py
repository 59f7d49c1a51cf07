"""Cycles of clocks by outcome. Clocks know no incidents, so the join from one to the other is written here."""

from collections.abc import Collection, Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from incidents.incident.models import Incident
from incidents.reports.queries.periods import Period

# Placeholders of the incidents come first. An incident with many cycles of an outcome is one, and few have a second.
_STOPPED = """
WITH incident AS ({incidents})
SELECT c.name, c.outcome, c.by_change, {key} AS which,
       count(*) FILTER (WHERE c.cycle = 1 OR NOT EXISTS (
         SELECT 1 FROM clocks_clock e
         WHERE e.record_kind = c.record_kind AND e.record_id = c.record_id AND e.name = c.name AND e.cycle < c.cycle
           AND e.outcome = c.outcome AND e.by_change = c.by_change AND e.outcome_at >= {begin}
       )),
       count(*)
FROM clocks_clock c JOIN incident ON incident.id = c.record_id
WHERE c.record_kind = 'incident' AND c.name = ANY (%s) AND c.outcome_at IS NOT NULL
  AND c.outcome_at >= coalesce(%s::timestamptz, '-infinity') AND c.outcome_at < coalesce(%s::timestamptz, 'infinity')
GROUP BY 1, 2, 3, 4
"""
_BEGIN = "coalesce(%s::timestamptz, '-infinity')"
_BEGIN_OF_BUCKET = "(%s::timestamptz[])[width_bucket(c.outcome_at, %s::timestamptz[])]"
_PLACE = "(width_bucket(c.outcome_at, %s::timestamptz[]) - 1)::text"
Cycle = tuple[str, str, bool, str, int, int]  # clock, outcome, by change, key, incidents, cycles


def stopped(
    incidents: QuerySet[Incident], clocks: Collection[str], period: Period, group: Combinable, buckets: Sequence[Period]
) -> list[Cycle]:
    """What stopped in a period, told apart by the place of its bucket where there are any, else by a group."""
    try:
        chosen = incidents.annotate(key=Cast(group, TextField())).values_list("pk", "key")
        sql, given = chosen.query.sql_with_params()
    except EmptyResultSet:
        return []
    edges = [one.since for one in buckets]
    key, begin = (_PLACE, _BEGIN_OF_BUCKET) if buckets else ("incident.key", _BEGIN)
    parts = [edges, edges, edges] if buckets else [period.since]
    with connection.cursor() as cursor:
        cursor.execute(
            _STOPPED.format(incidents=_named(sql), key=key, begin=begin),
            [*given, *parts, list(clocks), period.since, period.until],
        )
        return list(cursor.fetchall())


def _named(sql: str) -> str:
    """The chosen incidents with the columns `id` and `key`, whatever the ORM calls them."""
    return f"SELECT * FROM ({sql}) AS chosen (id, key)"  # noqa: S608 -- written by the ORM, its values are parameters
