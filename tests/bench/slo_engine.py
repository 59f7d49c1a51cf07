"""How fast measurements are taken in and budgets evaluated: 5,000 objectives x 28 days of minutes.

`run()` makes a throw-away database, fills it by COPY with synthetic hour rows, measures and drops it.
`python -m tests.bench.slo_engine [OBJECTIVES]` prints the figures as one JSON line. Seconds throughout.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from statistics import median
from typing import Any

import django
from django.db import connection

HOURS = 28 * 24
AT = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
PATTERNS = 61


def run(objectives: int = 5000) -> dict[str, Any]:
    """The figures of one run; takes some minutes and about a gigabyte per 1,000 objectives."""
    with _throw_away_database():
        filled = _timed(lambda: _fill(objectives))
        figures = {
            "objectives": objectives,
            "minutes": objectives * HOURS * 60,
            "fill": filled,
            "table_bytes": _number("SELECT pg_total_relation_size('slo_slicehour')"),
            **_evaluations(objectives),
            **_ingests(),
            "cores": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "postgresql": _number("SHOW server_version"),
        }
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def _evaluations(objectives: int) -> dict[str, float]:
    """The first one announces every state; after that only what changes is announced."""
    from slo.operations import evaluate

    first = _timed(lambda: evaluate(at=AT))
    everything = [_timed(partial(evaluate, at=AT + timedelta(minutes=m))) for m in range(1, 8)]
    one = [_timed(lambda: evaluate(at=AT, objectives=[17])) for _ in range(30)]
    return {
        "evaluate_all_first": first,
        "evaluate_all_median": median(everything),
        "evaluate_all_worst": max(everything),
        "evaluate_one_median": median(one),
        "judged_per_second": objectives / median(everything),
    }


def _ingests() -> dict[str, float]:
    """10,000 samples in a row, the same again, spread over 90 days, and one minute after the other."""
    from itsm.kernel.actors import Actor
    from slo.engine.samples import Sample
    from slo.models import Indicator
    from slo.operations import record_samples

    bench = Actor.system("bench")
    one, other, third = Indicator.objects.order_by("pk")[:3]
    dense = [Sample(AT - timedelta(minutes=back), 990, 1000) for back in range(1, 10_001)]
    sparse = [Sample(AT - timedelta(minutes=12 * back), 990, 1000) for back in range(1, 10_001)]
    minutes = [Sample(AT + timedelta(minutes=ahead), 990, 1000) for ahead in range(200)]

    def record(indicator: Indicator, samples: list[Sample]) -> float:
        return _timed(lambda: record_samples(indicator, samples, actor=bench, at=AT + timedelta(days=1)))

    return {
        "ingest_10000_in_a_row": record(one, dense),
        "ingest_10000_again": record(one, dense),
        "ingest_10000_over_83_days": record(other, sparse),
        "ingest_one_late_by_28_days": record(third, [Sample(AT - timedelta(days=28), 0, 1)]),
        "ingest_one_minute_median": median(record(third, [sample]) for sample in minutes),
    }


def _fill(objectives: int) -> None:
    """Services, indicators and objectives by number; hour rows in the order in which they would arrive."""
    numbers = {"count": objectives}
    for statement in _DEFINITIONS:
        with connection.cursor() as cursor:
            cursor.execute(statement, numbers)
    first = int(AT.timestamp()) // 3600 - HOURS
    columns = "indicator_id, hour, base_valid, base_bad, base_total, valid, revision, bad, total"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        cursor.copy_expert(f"COPY slo_slicehour ({columns}) FROM STDIN", _Lines(_rows(objectives, first)))
        cursor.execute("VACUUM ANALYZE slo_slicehour, slo_objective, slo_objectiveversion")
        cursor.execute("RESET statement_timeout")


_DEFINITIONS = (
    """INSERT INTO catalog_service (slug, name, description, tier, created_at, version)
       VALUES ('bench', 'Bench', '', 3, now(), 1)""",
    """INSERT INTO slo_indicator (id, slug, name, source, server_url, good_query, total_query, last_error, created_at,
                                  version)
       SELECT n, 'bench-' || n, 'Bench', 'push', '', '', '', '', now(), 1 FROM generate_series(1, %(count)s) n""",
    """INSERT INTO slo_objective (id, slug, name, service_id, environment, indicator_id, target, window_days, gating,
                                  terms_version, created_at, version)
       SELECT n, 'bench-' || n, 'Bench', s.id, 'production', n, 0.999, 28, true, 1, now(), 1
       FROM generate_series(1, %(count)s) n, catalog_service s WHERE s.slug = 'bench'""",
    """INSERT INTO slo_objectiveversion (objective_id, number, indicator_id, target, error_budget_ppb, window_days,
                                         from_minute, made_at, made_by)
       SELECT id, 1, indicator_id, target, 1000000, window_days, 0, now(), 'bench' FROM slo_objective""",
)


def _rows(objectives: int, first: int) -> Iterator[str]:
    """A handful of hour patterns, taken in turns: 900 to 1,100 events a minute, some of them bad."""
    patterns = [_pattern(seed) for seed in range(PATTERNS)]
    bases = [[0, 0] for _ in range(objectives)]
    valid = 2**60 - 1
    for hour in range(HOURS):
        for index, base in enumerate(bases):
            bad, total, arrays = patterns[(index + hour) % PATTERNS]
            yield f"{index + 1}\t{first + hour}\t{hour * 60}\t{base[0]}\t{base[1]}\t{valid}\t1\t{arrays}"
            base[0] += bad
            base[1] += total


def _pattern(seed: int) -> tuple[int, int, str]:
    """An hour's bad and total events in thousandths, and both arrays as COPY reads them."""
    total = list(accumulate((900 + (seed * 7 + minute * 13) % 200) * 1000 for minute in range(60)))
    bad = list(accumulate((seed + minute) % 3 * 500 for minute in range(60)))
    return bad[-1], total[-1], f"{{{','.join(map(str, bad))}}}\t{{{','.join(map(str, total))}}}\n"


class _Lines:
    """Just enough of a file for COPY to read from an iterator."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = 65536) -> str:
        found, length = [], 0
        for line in self._lines:
            found.append(line)
            length += len(line)
            if length >= size:
                break
        return "".join(found)


@contextmanager
def _throw_away_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _number(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(run(*(int(count) for count in sys.argv[1:2]))) + "\n")
