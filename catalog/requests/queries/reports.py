"""What was asked for in a period, by item: how many, how long approval took, how long fulfilment took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One item's figures of a period, of what was asked for in it. Seconds are of the middle one (median), and of the
    one that nine of ten are not slower than; None where there is none. `asked_about`: those that somebody decided."""

    item: str
    name: str
    asked: int
    open: int
    done: int
    partial: int
    declined: int
    cancelled: int
    asked_about: int
    approve_s: int | None
    approve_p90_s: int | None
    fulfil_s: int | None
    fulfil_p90_s: int | None


_FIGURES = """
SELECT c.slug, c.name, count(*),
  count(*) FILTER (WHERE i.ended_at IS NULL),
  count(*) FILTER (WHERE i.status = 'done'),
  count(*) FILTER (WHERE i.status IN ('incomplete', 'skipped')),
  count(*) FILTER (WHERE i.status = 'declined'),
  count(*) FILTER (WHERE i.status = 'cancelled'),
  count(*) FILTER (WHERE i.approved_at > r.submitted_at),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM i.approved_at - r.submitted_at))
    FILTER (WHERE i.approved_at > r.submitted_at),
  percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM i.approved_at - r.submitted_at))
    FILTER (WHERE i.approved_at > r.submitted_at),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM i.ended_at - i.approved_at))
    FILTER (WHERE i.status IN ('done', 'incomplete')),
  percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM i.ended_at - i.approved_at))
    FILTER (WHERE i.status IN ('done', 'incomplete'))
FROM catalog_request r
JOIN catalog_requestitem i ON i.request_id = r.id
JOIN catalog_catalogitem c ON c.id = i.item_id
WHERE r.submitted_at >= %(since)s AND r.submitted_at < %(until)s AND NOT r.teams && %(hidden)s::bigint[]
GROUP BY c.id
ORDER BY count(*) DESC, c.slug
LIMIT 500
"""


def figures(actor: Actor, since: datetime, until: datetime) -> Sequence[ItemFigures]:
    """By item, what was asked for most first; nothing of queues that are hidden from the reader. One query."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"since": since, "until": until, "hidden": sorted(rights_in_queues(actor).hidden)}
        cursor.execute(_FIGURES, given)
        return [ItemFigures(*row[:9], *map(_whole, row[9:])) for row in cursor.fetchall()]


def _whole(seconds: object) -> int | None:
    return None if seconds is None else int(float(str(seconds)))
