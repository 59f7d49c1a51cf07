"""Evaluating how far measurements are trusted, and keeping the answer with each budget, for the gate and for people."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from slo.engine.samples import epoch_minute
from slo.engine.trust import marked, trust_of
from slo.measuring.queries.trust_facts import LATE, Seen, facts

# The sweep looks at each objective this often, so many of them in one minute.
LOOKS_AGAIN = timedelta(minutes=5)
MAX_A_MINUTE = 1000

# In id order, as everybody who locks budgets does.
_KEEP = """
WITH given AS (
  SELECT * FROM json_to_recordset(%(rows)s) AS r (objective_id bigint, trust numeric, marks jsonb)
),
held AS (
  SELECT b.objective_id FROM slo_budget b JOIN given g ON g.objective_id = b.objective_id
  ORDER BY b.objective_id FOR NO KEY UPDATE OF b
)
UPDATE slo_budget b SET trust = g.trust, trust_marks = g.marks, trust_at = %(at)s
FROM given g JOIN held ON held.objective_id = g.objective_id
WHERE b.objective_id = g.objective_id
"""


def evaluate_trust(*, at: datetime, objectives: Collection[int] | None = None) -> int:
    """Look at what these objectives (ids; None: those whose turn it is) are measured by. Returns how many.

    The answer of several indicators is that of the least trusted. Where nothing was ever measured there is no answer,
    which leads to people as any missing one does. Safe to run twice; kept in one statement.
    """
    found: dict[int, list[Seen]] = defaultdict(list)
    for one in facts(at, objectives, rest=LOOKS_AGAIN, most=MAX_A_MINUTE):
        found[one.objective_id].append(one)
    rows = [_row(objective_id, seen, epoch_minute(at)) for objective_id, seen in sorted(found.items())]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, {"rows": json.dumps(rows), "at": at})
    return len(rows)


def _row(objective_id: int, seen: list[Seen], minute: int) -> dict[str, Any]:
    marks: list[dict[str, Any]] = []
    trust = Decimal(1)
    for one in seen:
        found = marked(one.recent, minute, one.known)
        trust = min(trust, trust_of(each.mark for each in found))
        marks += [{"mark": each.mark.value, "since": each.since, "indicator": one.slug} for each in found]
        marks.append({"mark": LATE, "seconds": one.recent.late_seconds, "indicator": one.slug})
    return {"objective_id": objective_id, "trust": str(trust), "marks": marks}
