"""How fast measurements are taken in and budgets evaluated, and how that grows.

`python -m tests.bench.slo_engine [OBJECTIVES]` prints the figures as one JSON line. Seconds throughout.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import django
from django.db import connection

from tests.bench.server import cpu_seconds
from tests.bench.slo_world import AT, fill, minute, throw_away_database

# Growth is looked at by the number of objectives, and by the days of history.
SIZES = ((250, 28), (1000, 28), (2500, 28), (1000, 7), (1000, 14), (1000, 56))


def run(objectives: int = 5000) -> dict[str, Any]:
    """The figures of one run; some minutes, and half a gigabyte per 1,000 objectives."""
    return {
        **measured(objectives, 28),
        "growth": [_short(count, days) for count, days in SIZES if count <= objectives],
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "postgresql": _number("SHOW server_version"),
    }


def measured(objectives: int, days: int) -> dict[str, Any]:
    with throw_away_database():
        figures = {
            "objectives": objectives,
            "days": days,
            "minutes": objectives * days * 1440,
            "fill": timed(lambda: fill(objectives, days)),
            "table_bytes": _number(
                "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('slo_hourcounts')"
            ),
            **_evaluations(objectives),
            **_appends(objectives),
            **_ingests(),
            **_pages(),
        }
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def _short(objectives: int, days: int) -> dict[str, Any]:
    kept = ("objectives", "days", "table_bytes", "evaluate_all_median", "append_one_minute_to_all_median")
    figures = measured(objectives, days)
    return {name: figures[name] for name in kept}


def _evaluations(objectives: int) -> dict[str, float]:
    """The first one announces every state; after that only what changes is announced."""
    from slo.models import Budget, Objective
    from slo.objectives.operations import evaluate
    from slo.objectives.operations.evaluation import EVALUATOR
    from slo.objectives.operations.state_changes import announce_changes
    from slo.objectives.queries.evaluate_at import evaluate_at

    ids = list(Objective.objects.order_by("pk").values_list("pk", flat=True))
    first = timed(lambda: evaluate(at=AT))
    Budget.objects.update(announced_state="")
    told = timed(lambda: announce_changes(actor=EVALUATOR))
    before = cpu_of_both()
    everything = [timed(partial(evaluate, at=AT + timedelta(minutes=m))) for m in range(1, 8)]
    spent = (cpu_of_both() - before) / len(everything)
    one = [timed(lambda: evaluate(at=AT, objectives=ids[:1])) for _ in range(15)]
    return {
        "evaluate_all_first": first,
        "tell_every_state": told,
        "evaluate_all_median": median(everything),
        "evaluate_all_worst": max(everything),
        "evaluate_all_cpu": spent,
        "judge_all_without_writing": median(timed(lambda: evaluate_at(AT, ids)) for _ in range(5)),
        "evaluate_one_median": median(one),
        "judged_per_second": objectives / median(everything),
    }


def _appends(objectives: int) -> dict[str, float]:
    """The next minutes of every indicator at once, across the end of an hour."""
    from slo.engine.prefix import Counts
    from slo.measuring.operations.samples import record_many
    from slo.models import Indicator

    ids = list(Indicator.objects.order_by("pk").values_list("pk", flat=True))
    now = int(AT.timestamp()) // 60
    rounds = [{one: {at: Counts(*minute(number, at))} for number, one in enumerate(ids)} for at in range(now, now + 65)]
    seconds = [timed(partial(record_many, each, at=AT + timedelta(hours=2))) for each in rounds]
    return {
        "append_one_minute_to_all_median": median(seconds),
        "append_one_minute_to_all_worst": max(seconds),
        "append_first_minute_of_an_hour": seconds[0],
    }


def _ingests() -> dict[str, float]:
    """10,000 samples in a row, the same again, one late datum, and one minute after the other of one indicator."""
    from itsm.kernel.actors import Actor
    from slo.engine.samples import Sample
    from slo.measuring.operations import record_samples
    from slo.models import Indicator

    bench = Actor.system("bench")
    one, other, third = Indicator.objects.order_by("pk")[:3]
    dense = [Sample(AT - timedelta(minutes=back), 990, 1000) for back in range(1, 10_001)]
    minutes = [Sample(AT + timedelta(hours=3, minutes=ahead), 990, 1000) for ahead in range(120)]
    late = [[Sample(AT - timedelta(days=27, minutes=back), 0, 1)] for back in range(15)]

    def record(indicator: Indicator, samples: list[Sample]) -> float:
        return timed(lambda: record_samples(indicator, samples, actor=bench, at=AT + timedelta(days=1)))

    return {
        "ingest_10000_in_a_row": record(one, dense),
        "ingest_10000_again": record(one, dense),
        "ingest_one_late_by_27_days_median": median(record(other, sample) for sample in late),
        "ingest_one_minute_median": median(record(third, [sample]) for sample in minutes),
    }


def _pages() -> dict[str, float]:
    """One objective's page and the overview, rendered in this process: no web server, no network."""
    from django.conf import settings
    from django.test import Client, override_settings

    from itsm.accounts.models import User
    from slo.models import Objective

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.create(username="bench", roles=["engineer"]), "itsm.accounts.backends.PeopleOnly")
    slug = Objective.objects.order_by("pk")[0].slug
    plain = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # no manifest is made here
    }
    found = {}
    with override_settings(STORAGES=plain):
        for name, path in (
            ("slo", f"/slos/{slug}/"),
            ("burn_down", f"/slos/{slug}/burn-down/"),
            ("overview", "/slos/"),
        ):
            assert client.get(path).status_code == 200, path
            found[f"page_{name}_median"] = median(timed(lambda path=path: client.get(path)) for _ in range(7))
    return found


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_of_both() -> float:
    """Seconds of processor that this process and its connection's have spent: what else runs is not in them."""
    return time.process_time() + cpu_seconds(connection.connection.info.backend_pid)


def _number(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(run(*(int(count) for count in sys.argv[1:2]))) + "\n")
