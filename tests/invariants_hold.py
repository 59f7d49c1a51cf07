"""What must always hold, asked after tests of everything: the auditor's questions of the minute, before a test is undone.

By default of one test in a hundred, the same in each run (who writes behind the operations learns of it at once, not by
chance); none that is heavy. INVARIANTS=all asks after each, `off` after none. With
INVARIANTS_LOG=FILE what was found is written there, one line of JSON a test, and no test fails. A test that
writes rows behind the operations says so: `pytestmark = pytest.mark.writes_behind("I1", ...)`.
"""

import json
import os
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

ONE_IN = 100
MODE = os.environ.get("INVARIANTS", "sample")
LOG = os.environ.get("INVARIANTS_LOG", "")
AT_COMMIT = {"chain", "chain_whole"}  # what is written is chained as it is committed
_DATABASE = {"db", "transactional_db"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    result = yield
    if _is_asked(item):
        found = asked(behind(item))
        if found and LOG:
            with open(LOG, "a") as log:
                log.write(json.dumps({"test": item.nodeid, "found": found}) + "\n")
        elif found:
            pytest.fail(f"what must always hold does not: {json.dumps(found)[:2000]}", pytrace=False)
    return result


# Files that take rows away between two looks, so that only what comes then is counted, or that attack with raw SQL.
_TAKES_AWAY = {
    "I10": (
        "changes/boards/test_votes", "changes/change/test_asked_people", "changes/change/test_still",
        "changes/change/test_edges_of_operations", "changes/change/test_lasting", "itsm/test_delegations",
        "itsm/approvals/test_seats", "itsm/test_notification_rules", "itsm/people/test_leaving",
        "incidents/sla/test_clocks_of_incidents", "incidents/sla/test_killed", "itsm/paging/test_escalating",
        "itsm/people/test_coming_in",
    ),
    "I15": ("incidents/incident/test_filters", "incidents/sla/test_filter_by_clocks", "incidents/sla/test_killed", "incidents/major/test_cadence"),
    "I1": ("changes/back_tests/test_back_tests",),
    "I4": ("changes/change/test_eleven_ways",),
    "I14": ("changes/change/test_eleven_ways",),
}  # fmt: skip


def behind(item: pytest.Item) -> set[str]:
    """What this test writes behind the operations, on purpose."""
    said = {name for mark in item.iter_markers("writes_behind") for name in mark.args}
    return said | {name for name, files in _TAKES_AWAY.items() if any(f"{one}.py" in item.nodeid for one in files)}


def _is_asked(item: pytest.Item) -> bool:
    wants = item.get_closest_marker("django_db") or _DATABASE & set(getattr(item, "fixturenames", ()))
    if MODE == "off" or not wants:
        return False
    is_dear = item.get_closest_marker("heavy") or item.get_closest_marker("browser")
    return MODE == "all" or (not is_dear and zlib.crc32(item.nodeid.encode()) % ONE_IN == 0)


def asked(spared: set[str] = frozenset(), *, full: bool = False) -> dict[str, list[list[str]]]:  # type: ignore[assignment]
    """Invariant -> what was found of it, as [question, kind, reference, detail]; those questions left out that find
    what somebody should have done by now: in a test nobody does what is due."""
    from django.db import connection
    from django.utils import timezone
    from psycopg2.extensions import TRANSACTION_STATUS_INERROR

    from itsm.invariants.asking import ask

    # The test ends within an error, of which Django may not know: nothing more can be asked.
    is_in_error = connection.connection and connection.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR
    if connection.needs_rollback or is_in_error:
        return {}
    found: dict[str, list[list[str]]] = {}
    for answer in ask(timezone.now(), full=full, entirely=(), only=()):
        if answer.invariant.id in spared:
            continue
        punctual = {one.name for one in answer.invariant.questions if one.punctual}
        if connection.in_atomic_block:
            punctual |= AT_COMMIT
        rows = [[name, *row] for name, row in answer.found if name not in punctual]
        if rows or answer.failed:
            found[answer.invariant.id] = rows[:5] or [["failed", answer.failed, "", ""]]
    return found
