"""`make bench`: measure the running product and write the figures down.

    python -m tests.bench [WHAT ...] [--against COMMIT_OR_FOLDER] [--small] ...

What: gate, pages, budgets, prometheus, search, desk, impact, items, import, agenda, backtest, calendar, knowledge,
problems, requestable, requests, portal, webhooks, mail, notifications, oncall, alerts, majors, paging, night, status,
dora, doors, ledger, signin, audit, erase, scim, agents; without words all of these. Growth takes 50,000 objectives, 4 GB of disk
and some minutes. Runs on the servers of the environment,
which the launcher makes for it; the web server and the worker are started as `make run` starts them. `--against` measures another commit beside this one: gate and pages in turns
(pages alone: `beside`), budgets and Prometheus one after the other.
`--small` shows within seconds that everything still runs; its figures say nothing about speed.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

PARTS = (
    "gate", "pages", "budgets", "prometheus", "search", "desk", "impact", "items", "import", "agenda", "backtest", "calendar",
    "knowledge", "problems", "requestable", "requests", "portal", "webhooks", "mail", "notifications", "oncall", "alerts",
    "majors", "paging", "night", "status", "dora", "doors", "ledger", "signin", "audit", "erase", "scim",
    "agents",
)  # fmt: skip
ALONE = ("growth", "beside")


def main() -> None:
    chosen = _chosen()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    django.setup()
    from itsm.run import launch
    from tests.bench import report

    launch.hear_signals()  # whatever ends it, what it started ends as well
    figures: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": report.commit(),
        "subject": report.subject(),
        "machine": report.machine(),
    }
    if "gate" in chosen.what:
        figures["gate"] = _gate(chosen)
    if "pages" in chosen.what:
        figures |= _desk(chosen)
    if "beside" in chosen.what or ("pages" in chosen.what and chosen.against):
        figures["beside"] = _pages_beside(chosen)
    sizes = {"budgets": (chosen.objectives,), "prometheus": (3, 1) if chosen.small else ()}
    sizes["growth"] = (3,) if chosen.small else ()
    sizes["search"] = sizes["desk"] = sizes["impact"] = sizes["items"] = (2_000,) if chosen.small else ()
    sizes["import"] = (60,) if chosen.small else ()
    sizes["agenda"] = (3,) if chosen.small else ()
    sizes["backtest"] = (40,) if chosen.small else ()
    sizes["knowledge"] = (500,) if chosen.small else ()
    sizes["requestable"] = (10,) if chosen.small else ()
    sizes["problems"] = (60, 20) if chosen.small else ()
    sizes["notifications"] = (2, 5) if chosen.small else ()
    sizes["requests"] = (400, 20) if chosen.small else ()
    sizes["portal"] = (6_000, 300) if chosen.small else ()
    sizes["webhooks"] = (40, 50) if chosen.small else ()
    sizes["oncall"] = (8,) if chosen.small else ()
    sizes["majors"] = (3,) if chosen.small else ()
    sizes["paging"] = (8, 4) if chosen.small else ()
    sizes["night"] = (3, 4, 2) if chosen.small else ()
    sizes["mail"] = (30,) if chosen.small else ()
    sizes["alerts"] = (200,) if chosen.small else ()
    sizes["status"] = (2, 50) if chosen.small else ()
    sizes["doors"] = (20,) if chosen.small else ()
    sizes["audit"], sizes["erase"] = ((320, 2_000), (300,)) if chosen.small else ((), ())
    sizes["scim"] = (20,) if chosen.small else ()
    sizes["agents"] = (20,) if chosen.small else ()
    sizes["signin"] = (20,) if chosen.small else ()
    sizes["dora"] = (200,) if chosen.small else ()
    sizes["ledger"] = (60,) if chosen.small else ()
    sizes["calendar"] = (600, 400, 110, 100) if chosen.small else ()
    for what, module in MODULES.items():
        if what in chosen.what:
            figures |= _side_by_side(what, module, sizes[what], chosen.against)
    sys.stderr.write(report.table(figures))
    sys.stdout.write(report.write(figures, chosen.into or report.RESULTS).name + "\n")


def _chosen() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"{', '.join(PARTS)} (all without words), {', '.join(ALONE)}")
    parser.add_argument("--against", default=os.environ.get("BENCH_AGAINST"), help="a commit, or another checkout")
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--objectives", type=int, default=5_000)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--requests", type=int, default=120, help="of each round of the gate, or for each page")
    parser.add_argument("--rounds", type=int, default=5, help="of each stand in turn")
    parser.add_argument("--past", type=int, default=0, help="changes that are there before the gate is asked")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32], help="of the gate")
    parser.add_argument("--small", action="store_true", help="as little as shows that it runs")
    parser.add_argument("--into", type=Path, help="the folder for the figures")
    chosen = parser.parse_args()
    if chosen.small:
        chosen.changes, chosen.incidents, chosen.objectives, chosen.services = 300, 300, 4, 4
        chosen.requests, chosen.rounds, chosen.clients = 2, 1, [2]
    if unknown := set(chosen.what) - {*PARTS, *ALONE}:
        parser.error(f"{', '.join(sorted(unknown))}: known are {', '.join(PARTS + ALONE)}")
    chosen.what = set(chosen.what or PARTS)
    return chosen


def _checkouts(chosen: Any, until_the_end: ExitStack) -> dict[str, Path]:
    from itsm.run import places
    from tests.bench import stand

    checkouts = {"now": places.ROOT}
    if chosen.against:
        checkouts[str(chosen.against)] = until_the_end.enter_context(stand.checkout_of(chosen.against))
    return checkouts


def _gate(chosen: Any) -> list[dict[str, Any]]:
    from tests.bench import gate, stand

    with ExitStack() as until_the_end:
        checkouts = _checkouts(chosen, until_the_end)
        stands = (
            [until_the_end.enter_context(stand.stand_here("now"))]
            if chosen.small
            else [
                until_the_end.enter_context(stand.stand(folder, name, durable=durable))
                for durable in (False, True)
                for name, folder in checkouts.items()
            ]
        )
        return gate.evaluations(
            stands, chosen.services, chosen.requests, clients=chosen.clients, rounds=chosen.rounds, past=chosen.past
        )


def _pages_beside(chosen: Any) -> list[dict[str, Any]]:
    from tests.bench import pages, stand

    with ExitStack() as until_the_end:
        stands = [
            until_the_end.enter_context(
                stand.stand_here(name) if chosen.small else stand.stand(folder, name, durable=False)
            )
            for name, folder in _checkouts(chosen, until_the_end).items()
        ]
        return pages.beside(stands, chosen.services, chosen.changes, chosen.incidents, chosen.requests, chosen.rounds)


def _desk(chosen: Any) -> dict[str, Any]:
    from tests.bench import gate, pages, server, world

    token, manager = world.people()
    slugs, cookie = world.services(chosen.services), world.cookie_of(manager)
    found: dict[str, Any] = {}
    with server.desk() as desk:
        change = gate.one(desk.port, token, slugs[0])
        world.incidents(1)
        looked = pages.paths(change, world.an_incident(), slugs[1])
        few = pages.queries(cookie, looked)
        world.changes(chosen.changes)
        world.incidents(chosen.incidents - 1)
        found["rows"] = f"{chosen.changes} changes, {chosen.incidents} incidents"
        found["queries"] = {name: [few[name], many] for name, many in pages.queries(cookie, looked).items()}
        found["pages"] = pages.pages(desk.port, cookie, looked, chosen.requests)
        found["memory_mib"] = {name: memory.peak for name, memory in desk.memory.items()}
    return found


MODULES = {
    "budgets": "tests.bench.slo_engine",
    "prometheus": "tests.bench.beside_prometheus",
    "growth": "tests.bench.slo_growth",
    "search": "tests.bench.search",
    "desk": "tests.bench.service_desk",
    "impact": "tests.bench.impact",
    "items": "tests.bench.items",
    "import": "tests.bench.item_import",
    "backtest": "tests.bench.back_test",
    "calendar": "tests.bench.change_calendar",
    "agenda": "tests.bench.agenda",
    "knowledge": "tests.bench.knowledge",
    "problems": "tests.bench.problems",
    "requestable": "tests.bench.requestable",
    "requests": "tests.bench.requested",
    "notifications": "tests.bench.notifications",
    "portal": "tests.bench.portal",
    "webhooks": "tests.bench.webhooks",
    "mail": "tests.bench.mail",
    "alerts": "tests.bench.alerts",
    "oncall": "tests.bench.oncall",
    "majors": "tests.bench.majors",
    "paging": "tests.bench.paging",
    "night": "tests.bench.night",
    "status": "tests.bench.status",
    "dora": "tests.bench.dora",
    "doors": "tests.bench.doors",
    "audit": "tests.bench.audit",
    "erase": "tests.bench.erase",
    "ledger": "tests.bench.ledger",
    "signin": "tests.bench.signin",
    "scim": "tests.bench.scim",
    "agents": "tests.bench.agents",
}
# Their worlds have the same names, so that each has servers of its own.
APART = (
    "backtest",
    "calendar",
    "agenda",
    "dora",
    "doors",
    "audit",
    "erase",
    "night",
    "ledger",
    "signin",
    "scim",
    "agents",
)


def _side_by_side(what: str, module: str, sizes: Sequence[int], against: str | None) -> dict[str, Any]:
    """The figures of this checkout, and those of the other one's own bench under a name of theirs."""
    from itsm.run import places
    from tests.bench import stand

    found = {what: _own_process(places.ROOT, module, *sizes, apart=what in APART)}
    if against and what not in {*ALONE, *PARTS[4:]}:
        with stand.checkout_of(against) as folder:
            found[f"{what}, {Path(against).name}"] = _own_process(folder, module, *sizes)
    return found


def _own_process(folder: Path, module: str, *words: object, apart: bool = False) -> Any:
    """It makes a database, which is the owner's right. `apart`: on servers of its own, with nothing in them."""
    from itsm.run.environment import is_ours

    servers = [sys.executable, "-m", "itsm.run", "--tmp", "--migrate", "--"] if apart else []
    command = [*servers, sys.executable, "-m", module, *map(str, words)]
    owner = os.environ | {"HEADROOM_DATABASE_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "itsm.settings"}
    owner["PYTHONPATH"] = str(folder)
    if apart:  # else the launcher would take the servers that are named there
        owner = {name: value for name, value in owner.items() if not is_ours(name)} | {
            "HEADROOM_DATABASE_ROLE": "owner"
        }
    done = subprocess.run(command, env=owner, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
