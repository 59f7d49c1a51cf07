"""A worker that is killed in the middle leaves nothing half done, and nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.bulk import operations, working
from itsm.bulk.models import Bulk, BulkRow
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.work import actions
from itsm.work.models import Note
from tests.itsm.at_once import at_once
from tests.slo.proving import IN_FULL

ROWS, KILLED_AT = (300, 120) if IN_FULL else (24, 9)
PATIENCE_SECONDS = 120
WORK = """
import os, django
django.setup()
from itsm.bulk import working
working.go_on(seconds=600.0)
"""

pytestmark = [pytest.mark.in_turn(3, at=1), pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]


def begun(rows_of: Any, agent: User, actor: Actor, count: int, **value: Any) -> tuple[Bulk, list[Incident]]:
    some = rows_of(count)
    todo = actions.parse([{"kind": kind, "value": one} for kind, one in value.items()])
    return operations.send("incident", actor=actor, ids=[one.pk for one in some], todo=todo), some


def worker() -> "subprocess.Popen[bytes]":
    given = connection.settings_dict
    who = f"{given['USER']}:{quote(given['PASSWORD'] or '', safe='')}"
    url = f"postgres://{who}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings_test"
    }  # fmt: skip
    root = Path(__file__).parents[3]
    return subprocess.Popen([sys.executable, "-c", WORK], env=environment, cwd=root)


def test_killed_in_the_middle_each_record_has_one_result_and_nothing_is_done_twice(
    rows_of: Any, agent: User, as_actor: Any
) -> None:
    bulk, some = begun(rows_of, agent, as_actor(agent), ROWS, note="Once", field={"priority": 2})
    process = worker()
    until = time.monotonic() + PATIENCE_SECONDS
    while bulk.rows.exclude(result="waiting").count() < KILLED_AT and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    settled = bulk.rows.exclude(result="waiting").count()
    assert KILLED_AT <= settled < ROWS, "it was killed in the middle"
    while working.go_on():
        pass
    bulk.refresh_from_db()
    assert bulk.state == "done"
    assert list(bulk.rows.values_list("result", flat=True)) == ["done"] * ROWS
    assert Note.objects.count() == ROWS
    ids = [one.pk for one in some]
    assert Entry.objects.filter(record_kind="incident", record_id__in=ids).count() == ROWS
    assert set(Incident.objects.filter(pk__in=ids).values_list("priority", "version")) == {(2, 2)}


def test_several_workers_share_the_rows(rows_of: Any, agent: User, as_actor: Any) -> None:
    bulk, _some = begun(rows_of, agent, as_actor(agent), 12, note="Once")
    at_once(4, lambda: working.work(bulk, most=12))
    while working.go_on():
        pass
    assert Note.objects.count() == 12
    assert set(BulkRow.objects.values_list("result", flat=True)) == {"done"}


def test_of_two_who_take_it_back_one_does(rows_of: Any, agent: User, as_actor: Any) -> None:
    actor = as_actor(agent)
    bulk, some = begun(rows_of, agent, actor, 3, field={"priority": 2})
    done, refused = working.work(bulk), []

    def undo() -> None:
        try:
            working.work(operations.undo(done, actor=actor, at=timezone.now()))
        except Conflict as refusal:
            refused.append(refusal)

    at_once(2, undo)
    working.go_on()
    assert len(refused) == 1
    assert set(Incident.objects.filter(pk__in=[one.pk for one in some]).values_list("priority", "version")) == {(3, 3)}
