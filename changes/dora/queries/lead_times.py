"""Lead times: from a commit to the end of the first successful deployment to production that holds it.

A commit counts once, in the period in which it first arrived, however often it was deployed again or by how many it
was told. A deployment that says not which commits it holds tells nothing of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from catalog.environments.queries import production_names
from changes.dora.rules import LeadTimes

# Whoever told of a deployment may name its commits: another telling's are its own.
_HELD = """
WITH ended AS MATERIALIZED (
  SELECT e.id, e.finished_at FROM changes_deploymentevent e
  WHERE e.service_id = %(service)s AND e.same_as_id IS NULL AND e.result = 'succeeded'
    AND e.environment = ANY(%(production)s) AND e.finished_at >= %(since)s AND e.finished_at < %(until)s
), held AS (
  SELECT c.sha, c.committed_at, e.id, e.finished_at FROM ended e JOIN changes_deliveredcommit c ON c.event_id = e.id
  UNION ALL
  SELECT c.sha, c.committed_at, e.id, e.finished_at FROM changes_deploymentevent t JOIN ended e ON e.id = t.same_as_id
  JOIN changes_deliveredcommit c ON c.event_id = t.id
  WHERE t.service_id = %(service)s AND t.same_as_id IS NOT NULL
)"""
# It came before: looked up only for what was committed before the period, as nothing else can have.
_NEW = """(f.committed_at >= %(since)s OR NOT EXISTS (
    SELECT FROM changes_deliveredcommit c JOIN changes_deploymentevent t ON t.id = c.event_id
    JOIN changes_deploymentevent e ON e.id = coalesce(t.same_as_id, t.id)
    WHERE c.sha = f.sha AND e.service_id = %(service)s AND e.result = 'succeeded'
      AND e.environment = ANY(%(production)s) AND e.finished_at < %(since)s
  ))"""
_HOURS = "greatest(0, extract(epoch FROM f.finished_at - f.committed_at)::float8 / 3600)"
_SPREAD = f"""{_HELD}, f AS (
  SELECT sha, min(committed_at) AS committed_at, min(finished_at) AS finished_at FROM held GROUP BY sha
), arrived AS (
  SELECT {_HOURS} AS hours, width_bucket(f.finished_at, %(edges)s::timestamptz[]) AS part FROM f WHERE {_NEW}
)
SELECT part, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY hours), avg(hours),
  percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)
FROM arrived GROUP BY GROUPING SETS ((part), ())
"""  # noqa: S608 - all of it is written here
_ROWS = f"""{_HELD}, f AS (
  SELECT DISTINCT ON (sha COLLATE "C") sha, min(committed_at) OVER (PARTITION BY sha COLLATE "C") AS committed_at, id,
    finished_at
  FROM held ORDER BY sha COLLATE "C", finished_at, id
), arrived AS (
  SELECT f.sha, f.committed_at, f.id, f.finished_at, {_HOURS} AS hours FROM f WHERE {_NEW}
)
SELECT sha, committed_at, id, finished_at, hours, count(*) OVER () FROM arrived
ORDER BY hours DESC, sha LIMIT %(most)s OFFSET %(skip)s
"""  # noqa: S608 - as above
NONE = LeadTimes(0, None, None, None)


class Arrival(NamedTuple):
    """A commit, and the deployment by which it first came to production."""

    sha: str
    committed_at: datetime
    deployment: int
    arrived_at: datetime
    hours: float


def lead_times(service_id: int, edges: Sequence[datetime]) -> tuple[LeadTimes, list[LeadTimes]]:
    """Of the commits that arrived in [first edge, last edge), and of each part of it. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, _words(service_id, edges[0], edges[-1]) | {"edges": list(edges)})
        found = {part: LeadTimes(*spread) for part, *spread in cursor.fetchall()}
    return found.get(None, NONE), [found.get(part, NONE) for part in range(1, len(edges))]


def arrivals(service_id: int, since: datetime, until: datetime, skip: int, most: int) -> tuple[list[Arrival], int]:
    """The commits that arrived in [since, until), the longest under way first, and how many there are in all."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, _words(service_id, since, until) | {"skip": skip, "most": most})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [Arrival(*row[:5]) for row in rows], rows[0][5] if rows else 0


def _words(service_id: int, since: datetime, until: datetime) -> dict[str, Any]:
    return {"service": service_id, "since": since, "until": until, "production": list(production_names())}
