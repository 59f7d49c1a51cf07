"""An import that is killed goes on where it stood; two of one source wait for each other."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.db import connection

from catalog.cmdb.models import CI, History, Identifier, Relation
from catalog.formats.documents import Claimed
from catalog.reconciliation.models import Run, SourceRecord
from catalog.reconciliation.operations import apply
from catalog.reconciliation.operations.working import go_on
from itsm.audit.models import Entry
from itsm.run.places import ROOT
from tests import emptied
from tests.catalog.reconciliation.sources import BRINGER, begun, bring, server
from tests.slo.measuring.test_killed import test_database
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.in_turn(3, at=0), pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
ITEMS, KILLS = (1600, 10) if IN_FULL else (60, 2)
TOGETHER = 200 if IN_FULL else 8
PATIENCE_SECONDS = 600
APPLIES = """
import django; django.setup()
from catalog.reconciliation.models import Run
from catalog.reconciliation.operations import applying
from itsm.kernel.actors import Actor
applying.BATCH = {together}
applying.apply(Run.objects.get(pk={run}), actor=Actor.system("import"))
"""


def documents() -> list[Any]:
    """Machines on hosts that come after them, with names that two share."""
    hosts = [server(f"h{at}", ci_class="physical_server", serial=f"H{at}") for at in range(ITEMS // 10)]
    machines = [
        server(f"v{at}", serial=f"V{at}", fqdn=f"v{at // 2}.x.org", cpus=at % 8 + 1, relations=[Claimed("runs_on", "out", f"h{at // 10}")])
        for at in range(ITEMS)
    ]  # fmt: skip
    return [*machines, *hosts]


def picture() -> dict[str, Any]:
    """All that an import writes, without numbers and instants of our own."""
    return {
        "records": list(SourceRecord.objects.order_by("key").values_list("key", "hash", "ci__name", "ci__version", "ci__attributes")),
        "items": CI.objects.filter(records__isnull=False).distinct().count(),
        "identifiers": sorted(Identifier.objects.values_list("ci__name", "scheme", "value", "contested")),
        "relations": sorted(Relation.objects.values_list("source__name", "target__name", "type__slug", "ended_at")),
        "history": History.objects.count(),
        "told": sorted(Entry.objects.filter(record_kind="ci").values_list("event", flat=True)),
    }  # fmt: skip


def child(run: Run) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "DATABASE_URL": test_database(), "DATABASE_OWNER_URL": test_database(), "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
    }  # fmt: skip
    program = APPLIES.format(together=TOGETHER, run=run.pk)
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def test_a_killed_import_comes_to_the_same_end() -> None:
    bring("netbox", *documents())
    undisturbed = picture()
    assert undisturbed["items"] == ITEMS + ITEMS // 10
    assert len(undisturbed["relations"]) == ITEMS
    emptied.empty()
    chance, torn = random.Random(), 0
    run = begun("netbox", *documents())
    for number in range(KILLS):
        process = child(run)
        wanted = run.total * number // KILLS + 1
        end = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and Run.objects.get(pk=run.pk).cursor < wanted:
            assert time.monotonic() < end, "the import stands still"
            time.sleep(0.01)
        time.sleep(chance.random() * 0.3 if number else 0)  # the first as soon as a batch is there: it never ends first
        torn += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        run.refresh_from_db()
        assert run.cursor == run.documents.filter(document__isnull=True).count()  # whole batches only
    assert go_on() == (0 if run.state == "done" else 1)
    run.refresh_from_db()
    assert run.state == "done"
    assert picture() == undisturbed
    assert torn


def test_a_second_run_of_a_source_waits_for_the_first() -> None:
    first, second = begun("netbox", server("1", serial="1")), begun("netbox", server("1", serial="1", cpus=4))
    with connection.cursor() as cursor:
        from itsm.locks import AdvisoryLock

        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [AdvisoryLock.RUN_OF_SOURCE, first.source_id])

    def other() -> None:
        try:
            apply(second, actor=BRINGER)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        time.sleep(0.5)
        assert Run.objects.get(pk=second.pk).state == "planned"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    thread.join(timeout=PATIENCE_SECONDS)
    assert Run.objects.get(pk=second.pk).state == "done"
    assert go_on() == 1
    assert Run.objects.get(pk=first.pk).state == "done"
