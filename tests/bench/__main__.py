"""`make bench`: measure the running product and write the figures down.

    python -m tests.bench [gate] [pages] [budgets] [prometheus] [--changes N] [--incidents N] [--objectives N] [--seconds N]

Without words all of them. Runs on the servers of the environment, which the launcher makes for it; the web server and
the worker are started as `make run` starts them.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import django


def main() -> None:
    chosen = _chosen()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    django.setup()
    from tests.bench import report

    figures: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": report.commit(),
        "machine": report.machine(),
    }
    if {"gate", "pages"} & chosen.what:
        figures |= _desk(chosen)
    if "budgets" in chosen.what:
        figures["budgets"] = _own_process("tests.bench.slo_engine", chosen.objectives)
    if "prometheus" in chosen.what:
        figures["prometheus"] = _own_process("tests.bench.beside_prometheus")
    sys.stderr.write(report.table(figures))
    sys.stdout.write(report.write(figures).name + "\n")


def _chosen() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", help="gate, pages, budgets, prometheus; all without words")
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--objectives", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=15, help="roughly, for each gate measurement")
    chosen = parser.parse_args()
    chosen.what = set(chosen.what or ("gate", "pages", "budgets", "prometheus"))
    return chosen


def _desk(chosen: Any) -> dict[str, Any]:
    from tests.bench import gate, pages, server, world

    token, manager = world.people()
    slugs, cookie = world.services(), world.cookie_of(manager)
    found: dict[str, Any] = {}
    with server.desk() as desk:
        change = gate.one(desk.port, token, slugs[0])
        looked = pages.paths(change, "INC-00001", slugs[1])
        world.incidents(1)
        few = pages.queries(cookie, looked)
        world.changes(chosen.changes)
        world.incidents(chosen.incidents - 1)
        found["rows"] = f"{chosen.changes} changes, {chosen.incidents} incidents"
        found["queries"] = {name: [few[name], many] for name, many in pages.queries(cookie, looked).items()}
        if "gate" in chosen.what:
            found["gate"] = gate.evaluations(desk, token, slugs, chosen.seconds)
        if "pages" in chosen.what:
            found["pages"] = pages.pages(desk.port, cookie, looked)
        found["memory_mib"] = {name: memory.peak for name, memory in desk.memory.items()}
    return found


def _own_process(module: str, *words: object) -> Any:
    """It makes a database, which is the owner's right."""
    command = [sys.executable, "-m", module, *map(str, words)]
    owner = os.environ | {"HEADROOM_DATABASE_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "itsm.settings"}
    done = subprocess.run(command, env=owner, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
