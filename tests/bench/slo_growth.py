"""How all windows of all objectives grow with their number, up to ten times what is promised.

`python -m tests.bench.slo_growth [OBJECTIVES ...]` prints one JSON line. Four days of history, so that 50,000 objectives
fit: a window takes two probes of the same index however long it is, which the bench of budgets shows by days.
"""

import json
import sys
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import django
from django.db import connection

from tests.bench.slo_engine import cpu_of_both, timed
from tests.bench.slo_world import AT, fill, throw_away_database

DAYS = 4
SIZES = (500, 5000, 50_000)


def measured(objectives: int) -> dict[str, Any]:
    """Seconds of one size; the first evaluation tells every state, after that only changes are told."""
    from slo.objectives.operations import evaluate

    with throw_away_database():
        fill(objectives, DAYS)
        first = timed(lambda: evaluate(at=AT))
        before = cpu_of_both()
        after = [timed(partial(evaluate, at=AT + timedelta(minutes=minute))) for minute in range(1, 6)]
        spent = (cpu_of_both() - before) / len(after)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('slo_hourcounts')")
            size = cursor.fetchone()[0]
    return {
        "objectives": objectives,
        "days": DAYS,
        "evaluate_all_first": round(first, 3),
        "evaluate_all_median": round(median(after), 3),
        "evaluate_all_cpu": round(spent, 3),
        "cpu_microseconds_each": round(spent / objectives * 1e6, 1),
        "table_bytes": size,
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps([measured(int(size)) for size in sys.argv[1:] or SIZES]) + "\n")
