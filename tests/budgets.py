"""What each folder of tests costs in seconds of CPU, beside what it may cost: printed after a run of the whole suite.

Seconds of CPU, not of the wall clock, so that a busy machine does not matter: of the worker, the programs that it
started, and PostgreSQL while it served the test's connection. They are divided by how long this machine takes for a
fixed piece of work, so that a slow machine does not matter much either. The table is `tests/budgets.toml`; who needs
more says so there. Nothing fails here: what is over budget is named, and somebody makes it cheaper.
"""

import os
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

TABLE = Path(__file__).with_name("budgets.toml")
_TICK = os.sysconf("SC_CLK_TCK")
_SPENT = "seconds of CPU"
_MIN_TESTS = 1000  # below that it was no run of the whole suite
_spent: Counter[str] = Counter()
_tests: Counter[str] = Counter()


def reference() -> float:
    """Seconds of CPU that this machine takes for a fixed piece of work; the best of three."""

    def piece() -> float:
        began = time.process_time()
        sum(len(str(number)) for number in range(400_000))
        return time.process_time() - began

    return min(piece() for _ in range(3))


def _own() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _database() -> tuple[int, float]:
    """(process, its seconds so far) of the server that answers this worker's connection; zeros where there is none."""
    if connection.connection is None or connection.connection.closed:
        return 0, 0.0
    backend = connection.connection.get_backend_pid()
    try:
        fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # a server on another machine, or gone
        return 0, 0.0
    return backend, (int(fields[11]) + int(fields[12])) / _TICK


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    own, (backend, served) = _own(), _database()

    def spent() -> float:
        later, seconds = _database()
        return _own() - own + (seconds - served if later == backend else seconds)

    item.stash[_METER] = spent
    return (yield)


_METER = pytest.StashKey[Any]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.when == "teardown" and _METER in item.stash:
        report.user_properties.append((_SPENT, item.stash[_METER]()))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        folder = folder_of(report.nodeid)
        _tests[folder] += 1
        _spent[folder] += dict(report.user_properties).get(_SPENT, 0.0)


def folder_of(nodeid: str) -> str:
    """`tests/slo/openslo/test_rules.py::…` -> `slo/openslo`: the folder that holds the file, below `tests`."""
    return str(Path(nodeid.partition("::")[0]).parent.relative_to("tests"))


def budget_of(folder: str, budgets: dict[str, float]) -> tuple[str, float]:
    """The nearest entry: of the folder itself, or of one around it."""
    for one in (folder, *(str(around) for around in Path(folder).parents)):
        if one in budgets:
            return one, budgets[one]
    return ".", budgets.get(".", 0.0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if sum(_tests.values()) < _MIN_TESTS or not TABLE.exists():
        return
    table = tomllib.loads(TABLE.read_text())
    slower = reference() / table["reference_seconds"]
    spent, tests = Counter[str](), Counter[str]()
    for folder, seconds in _spent.items():
        entry, _budget = budget_of(folder, table["budgets"])
        spent[entry] += seconds / slower
        tests[entry] += _tests[folder]
    terminalreporter.section("seconds of CPU by folder, and their budgets (tests/budgets.toml)")
    for entry, seconds in spent.most_common():
        may = table["budgets"].get(entry, 0.0)
        over = "   OVER" if seconds > may else ""
        terminalreporter.line(f"{seconds:8.1f} of {may:6.1f}   {entry:<20} {tests[entry]:5} tests{over}")
    total, may = sum(spent.values()), sum(table["budgets"].values())
    terminalreporter.line(
        f"{total:8.1f} of {may:6.1f}   in all; this machine takes {slower:.2f} times the reference's time"
    )
