"""The graph of all items as the caller's transaction sees it, kept in this process until it changes.

One statement asks whether it changed, and brings it if so: what it says is of one instant, with the caller's own
uncommitted edits and nobody else's. The database logs each statement that changes it (`catalog_graphchange`).
"""

from dataclasses import dataclass

from django.db import connection

from catalog.engine.graph import Graph, Group
from itsm.prepared import Prepared

# Which rows of the log are seen names the graph: how many, the last, and a sum by which other rows would be others.
_SNAPSHOT = Prepared(
    "graph_snapshot",
    """
WITH seen AS (
  SELECT count(*) || '/' || coalesce(max(id), 0) || '/' ||
         coalesce(sum(hashint8extended(id, (extract(epoch FROM at) * 1000000)::bigint)), 0) AS key
  FROM catalog_graphchange
)
SELECT seen.key, arrows.*, groups.*, services.*
FROM seen
LEFT JOIN LATERAL (
  SELECT string_agg(provider_id::text, ' '), string_agg(consumer_id::text, ' '),
         string_agg(CASE strength WHEN 'hard' THEN '1' ELSE '' END, ' '), string_agg(coalesce(group_id, 0)::text, ' ')
  FROM catalog_arrow WHERE seen.key <> %(known)s
) arrows ON true
LEFT JOIN LATERAL (
  SELECT string_agg(concat_ws(' ', id, consumer_id, coalesce(needs, 0), coalesce(needs_share, 0),
                              coalesce(whole_below, 0)), ',')
  FROM catalog_group WHERE seen.key <> %(known)s
) groups ON true
LEFT JOIN LATERAL (
  SELECT string_agg(id::text, ' ') FROM catalog_service WHERE seen.key <> %(known)s
) services ON true
""",
    known="text",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`key`: of the instant it is of. `services`: the ids of items that are services."""

    key: str
    graph: Graph
    services: frozenset[int]


_last: list[Snapshot] = [Snapshot("", Graph(), frozenset())]


def snapshot() -> Snapshot:
    """The graph as this transaction sees it. One statement, whether or not it changed; never changed by anybody."""
    kept = _last[0]
    with connection.cursor() as cursor:
        _SNAPSHOT.run(cursor, {"known": kept.key})
        key, providers, consumers, hard, groups, grouped, services = cursor.fetchone()
    if key == kept.key:
        return kept
    arrows = zip(
        _numbers(providers),
        _numbers(consumers),
        map(bool, (hard or "").split(" ")),
        (one or None for one in _numbers(groups)),
        strict=False,  # of no arrow there is one empty word
    )
    found = Snapshot(key, Graph(arrows, _groups(grouped)), frozenset(_numbers(services)))
    _last[0] = found
    return found


def _numbers(text: str | None) -> list[int]:
    return list(map(int, text.split(" "))) if text else []


def _groups(text: str | None) -> list[Group]:
    rows = [_numbers(one) for one in text.split(",")] if text else []
    return [
        Group(id_, consumer, needs or None, share or None, whole or None) for id_, consumer, needs, share, whole in rows
    ]
