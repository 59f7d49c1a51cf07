"""Items from a table: 10,000 new ones, and the same table again, which writes nothing but when it was seen.

`python -m tests.bench.item_import [ITEMS]` prints the figures as one JSON line. Seconds from the bytes of the file to
the end of the run, by the clock and by CPU of this process (PostgreSQL's is not among it): on a busy machine only the
latter compares. One machine in ten hosts nine others.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import django

HEAD = "key,class,name,fqdn,serial,vendor,os,cpus,memory_mib,environment,relation:runs_on"


def table(items: int) -> bytes:
    """The rows, always the same."""
    return "\n".join([HEAD, *_rows(items)]).encode()


def _rows(items: int) -> Iterator[str]:
    for number in range(items):
        host = number - number % 10
        kind = "virtual_machine" if number % 10 else "physical_server"
        yield (
            f"m{number},{kind},web-{number},web-{number}.bench.example,S{number},Nordhaus,Debian 13,"
            f"{number % 32 + 1},{4096 * (number % 8 + 1)},production,{f'm{host}' if number % 10 else ''}"
        )


def main(items: int) -> dict[str, Any]:
    from tests.bench.slo_world import throw_away_database

    with throw_away_database():
        content = table(items)
        first = _taken_in(content, items)
        before = _written()
        second = _taken_in(content, items)
        found = {"items": items, **_named("first", first), **_named("second", second)}
        return found | {"written_by_the_second": sum(_written()) - sum(before)}


def _taken_in(content: bytes, items: int) -> dict[str, float]:
    from catalog.formats.documents import File
    from catalog.formats.options import Options
    from catalog.reconciliation import operations
    from catalog.reconciliation.queries.reading import read_files
    from itsm.kernel.actors import Actor

    actor = Actor.system("bench")
    clock, cpu = time.perf_counter(), time.process_time()
    source = operations.source_for("csv", actor=actor)
    run = operations.plan(source, read_files("csv", [File("servers.csv", content)], Options()), actor=actor)
    operations.apply(run, actor=actor)
    if run.counts.get("refused") or run.total != items:
        raise AssertionError(run.counts)
    return {"s": round(time.perf_counter() - clock, 2), "cpu_s": round(time.process_time() - cpu, 2)}


def _written() -> tuple[int, int, int]:
    """Rows of history, versions of items, relations."""
    from django.db.models import Sum

    from catalog.models import CI, History, Relation

    versions = CI.objects.aggregate(all=Sum("version"))["all"]
    return History.objects.count(), versions or 0, Relation.objects.count()


def _named(which: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{which}_{name}": value for name, value in figures.items()}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)) + "\n")
