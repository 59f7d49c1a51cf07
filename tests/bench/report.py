"""The figures as JSON and as a table, named by day and commit, with the machine that they come from."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from tests.bench import growth

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    return {
        "cpu": _line("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_line("/proc/meminfo", "MemTotal").split()[0] or 0) / 1024**2),
        "python": platform.python_version(),
        "postgresql": _shown("server_version"),
        "fsync": _shown("fsync"),
        "synchronous_commit": _shown("synchronous_commit"),
        "load_before": round(os.getloadavg()[0], 1),
    }


def write(figures: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y-%m-%d}-{figures['commit']}.json"
    file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    file.with_suffix(".md").write_text(table(figures), encoding="utf-8")
    if "budgets" in figures:
        file.with_suffix(".svg").write_text(growth.chart(figures["budgets"]), encoding="utf-8")
    return file


def commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def subject() -> str:
    """The commit's first line: a commit that is picked onto another branch keeps it, and not its number."""
    said = subprocess.run(["git", "log", "-1", "--format=%s"], capture_output=True, text=True, check=False)
    return said.stdout.strip()


def table(figures: dict[str, Any]) -> str:
    on = figures["machine"]
    lines = [
        f"# Measured {figures['measured_at'][:10]} at {figures['commit']}",
        "",
        *([f"The commit: {figures['subject']}.", ""] if figures.get("subject") else []),
        *([figures["note"], ""] if "note" in figures else []),
        f"{on['cpu']}, {on['cores']} cores, {on['memory_gib']} GiB; Python {on['python']},"
        f" PostgreSQL {on['postgresql']} (fsync {on['fsync']}, synchronous_commit {on['synchronous_commit']});"
        f" clients on the same cores; load before: {on['load_before']}.",
        "",
        *(_gate(figures["gate"]) if "gate" in figures else ()),
        *(_pages(figures["pages"]) if "pages" in figures else ()),
        *(_beside(figures["beside"]) if "beside" in figures else ()),
        *(_typed(figures["search"], "search", "incidents") if "search" in figures else ()),
        *(_typed(figures["knowledge"], "answers while typing", "articles") if "knowledge" in figures else ()),
        *(_service_desk(figures["desk"]) if "desk" in figures else ()),
        *_facts(figures),
    ]
    return "\n".join(lines) + "\n"


def _gate(rows: list[dict[str, Any]]) -> list[str]:
    """Every stand beside the yardstick of the same rounds."""
    lines = [
        "| gate | clients | which, fsync | per second | p50 ms | p95 ms | yardstick a second | share | by CPU | answers |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        which = f"{one['stand']}, {'on' if one['fsync'] else 'off'}"
        lines.append(
            f"| {one['situation']} | {one['clients']} | {which} | {one['per_second']} | {one['p50_ms']} | {one['p95_ms']}"
            f" | {one['yardstick']['per_second']} | {one['share_of_yardstick']} | {one['share_by_cpu']}"
            f" | {_answers(one)}; yardstick {_spent(one['yardstick'])} |"
        )
    return [*lines, ""]


def _pages(group: dict[str, Any]) -> list[str]:
    rows = [
        f"| {name} | {clients} | {one['per_second']} | {one['p50_ms']} | {one['p95_ms']} | {_answers(one)} |"
        for name, by_clients in group.items()
        for clients, one in by_clients.items()
    ]
    return ["| page | clients | per second | p50 ms | p95 ms | answers |", "|---|---|---|---|---|---|", *rows, ""]


def _beside(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| page | clients | which | per second | p50 ms | p95 ms | answers |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {one['page']} | {one['clients']} | {one['stand']} | {one['per_second']} | {one['p50_ms']}"
        f" | {one['p95_ms']} | {_answers(one)} |"
        for one in rows
    ]
    return [*lines, ""]


def _typed(found: dict[str, Any], what: str, rows: str) -> list[str]:
    """By who asks, clients and what is typed; `rows`: what it is looked for in."""
    lines = [
        f"| {what} over {found[rows]} {rows} ({found['megabytes']} MB), clients | what | p50 ms | p95 ms"
        " | max ms | answers |",
        "|---|---|---|---|---|---|",
    ]
    for who, figures in found.items():
        if isinstance(figures, dict):
            for what, one in {"everything": figures, **figures["by_kind"]}.items():
                lines.append(
                    f"| {who} | {what} | {one['p50_ms']} | {one['p95_ms']} | {one['max_ms']} | {_answers(one)} |"
                )
    return [*lines, "", f"Load before it: {found['load_before']:.1f}.", ""]


def _service_desk(found: dict[str, Any]) -> list[str]:
    """Its pages by clients, what each asks and weighs, and the export."""
    rows = [f"| {name} | {found['queries'][name]} | {weight} |" for name, weight in found["kilobytes"].items()]
    export = found["export"]
    return [
        f"A desk of {found['incidents']} incidents; load before: {found['load_before']}.",
        "",
        *_pages(found["pages"]),
        "| page | queries | kB |",
        "|---|---|---|",
        *rows,
        "",
        f"Export of all: {export['megabytes']} MB in {export['max_ms'] / 1000:.1f} s, the web server grew by"
        f" {export['grew_mib']:.0f} MiB.",
        "",
        *_keys(found["keys"]),
    ]


def _keys(found: dict[str, Any]) -> list[str]:
    if "not measured" in found:
        return [f"From a key to its paint: {found['not measured']}.", ""]
    rows = [
        f"| `{key}` | {one['keys']} | {one['p50_ms']} | {one['p95_ms']} | {one['max_ms']} |"
        for key, one in found.items()
    ]
    return ["| from key to paint, no answer | times | p50 ms | p95 ms | max ms |", "|---|---|---|---|---|", *rows, ""]


def _answers(one: dict[str, Any]) -> str:
    said = ", ".join(f"{times} x {answer}" for answer, times in one["answers"].items())
    return f"{said}; CPU ms each: {_spent(one)}" if "cpu_ms_each" in one else said


def _spent(one: dict[str, Any]) -> str:
    return ", ".join(f"{name} {spent}" for name, spent in one["cpu_ms_each"].items())


def _facts(figures: dict[str, Any]) -> list[str]:
    found = []
    if "queries" in figures:
        rows = [f"| {name} | {few} | {many} |" for name, (few, many) in figures["queries"].items()]
        found += [f"| queries of | with few rows | with {figures['rows']} |", "|---|---|---|", *rows, ""]
    for name, peak in figures.get("memory_mib", {}).items():
        found.append(f"Peak memory of {name}: {peak['rss']} MiB RSS, {peak['pss']} MiB PSS.")
    for what in figures:
        if what.partition(",")[0] in (
            "budgets",
            "prometheus",
            "impact",
            "oncall",
            "majors",
            "items",
            "import",
            "agenda",
            "backtest",
            "calendar",
            "problems",
            "requests",
            "portal",
            "webhooks",
            "mail",
            "alerts",
            "notifications",
            "paging",
            "dora",
            "night",
            "doors",
            "audit",
            "erase",
            "signin",
            "agents",
        ):
            plain = _flat({name: value for name, value in figures[what].items() if not isinstance(value, list)})
            found += ["", f"| {what} | |", "|---|---|", *(f"| {name} | {value} |" for name, value in plain.items())]
    if "growth" in figures:
        found += [
            "",
            "| objectives | days | table MB | all windows s | CPU s | each, CPU µs | the first time s |",
            "|---|---|---|---|---|---|---|",
        ]
        found += [
            f"| {row['objectives']} | {row['days']} | {row['table_bytes'] / 1e6:.0f} | {row['evaluate_all_median']}"
            f" | {row['evaluate_all_cpu']} | {row['cpu_microseconds_each']} | {row['evaluate_all_first']} |"
            for row in figures["growth"]
        ]
    if "budgets" in figures:
        rows = sorted(
            [*figures["budgets"]["growth"], figures["budgets"]], key=lambda row: (row["days"], row["objectives"])
        )
        found += ["", "| objectives | days | table MB | all windows s | a minute for all s |", "|---|---|---|---|---|"]
        found += [
            f"| {row['objectives']} | {row['days']} | {row['table_bytes'] / 1e6:.0f} | {row['evaluate_all_median']}"
            f" | {row['append_one_minute_to_all_median']} |"
            for row in rows
        ]
        found += ["", f"![How cost grows]({figures['measured_at'][:10]}-{figures['commit']}.svg)"]
    return found


def _flat(figures: dict[str, Any]) -> dict[str, Any]:
    """What stands in a group of figures by the name of both."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        found |= {f"{name} {inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
    return found


def _line(file: str, name: str) -> str:
    lines = Path(file).read_text(encoding="utf-8").splitlines() if Path(file).exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _shown(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return str(cursor.fetchone()[0])
