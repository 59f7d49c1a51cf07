"""An import that is killed goes on where it stood: whatever the moment, the end is that of one nobody disturbed."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from incidents.imports.operations import importing
from incidents.models import Category, Imported, ImportedEvent, Incident
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.run.places import ROOT
from itsm.search.models import Document
from tests import emptied
from tests.incidents.imports.logs import a_long_log
from tests.slo.measuring.test_killed import test_database
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.in_turn(3, at=1), pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
INCIDENTS, KILLS = (1000, 30) if IN_FULL else (250, 1)  # of three rows each
PATIENCE_SECONDS = 600
REPORTED = ("rows", "incidents", "created", "updated", "unchanged")


class Import:
    """The command as a process of its own on the test's database."""

    def __init__(self, file: Path) -> None:
        environment = os.environ | {
            "DATABASE_URL": test_database(), "DATABASE_OWNER_URL": test_database(),
            "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
        }  # fmt: skip
        command = [sys.executable, "manage.py", "import_servicenow", str(file)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def killed_after(self, imported: int, then_seconds: float) -> bool:
        """Killed once so many incidents are there and a moment later. False: it had ended by itself."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None and Imported.objects.count() < imported:
            assert time.monotonic() < end, "the import stands still"
            time.sleep(0.01)
        time.sleep(then_seconds)
        running = self.process.poll() is None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        return running

    def ended_well(self) -> None:
        self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0


def picture() -> dict[str, Any]:
    """All that an import writes, told by the names of the log: numbers and instants of our own are left out."""
    own = ("id", "version", "updated_at", "caller", "opened_by", "assigned_to", "team", "category", "values")
    names = ("caller__username", "opened_by__username", "assigned_to__username", "team__slug", "category__path")
    plain = [f"incident__{field.name}" for field in Incident._meta.concrete_fields if field.name not in own]
    columns = [
        *plain,
        *(f"incident__{name}" for name in names),
        "fingerprint",
        "met_sla",
        "problem",
        "change",
        "caused_by",
    ]
    ids = list(Imported.objects.order_by("key").values_list("incident_id", flat=True))
    return {
        "records": list(Imported.objects.order_by("key").values_list("source", "key", *columns)),
        "events": list(
            ImportedEvent.objects.order_by("incident__imported__key", "place").values_list(
                "incident__imported__key", "place", "at", "by", "changes"
            )
        ),
        "only these": Incident.objects.count() == len(ids),
        "people": sorted(User.objects.values_list("username", "name", "is_active")),
        "teams": sorted(Team.objects.values_list("slug", "name", "takes_work")),
        "categories": sorted(Category.objects.values_list("path", flat=True)),
        "told": sorted(Entry.objects.filter(record_kind="incident").values_list("event", flat=True)),
        "found": Document.objects.filter(record_kind="incident").count(),
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    text, _expected = a_long_log(INCIDENTS)
    file = tmp_path / "log.csv"
    file.write_text(text)
    return file


def test_a_killed_import_comes_to_the_same_end(log: Path) -> None:
    call_command("import_servicenow", str(log), stdout=io.StringIO(), stderr=io.StringIO())
    undisturbed = picture()
    assert len(undisturbed["records"]) == INCIDENTS
    chance, torn = random.Random(), 0
    for _round in range(max(1, KILLS // 5)):
        emptied.empty()
        for number in range(min(KILLS, 5)):
            reached = chance.randrange(INCIDENTS * (number + 1) // min(KILLS, 5))
            torn += Import(log).killed_after(reached, chance.random() * 0.3)
            kept = Imported.objects.count()  # whole transactions; all of it where it had ended before
            assert kept % importing.TOGETHER == 0 or kept == INCIDENTS
        Import(log).ended_well()
        assert picture() == undisturbed
    said = io.StringIO()
    call_command("import_servicenow", str(log), stdout=said, stderr=io.StringIO())
    again = json.loads(said.getvalue().splitlines()[-1])
    assert [again[name] for name in REPORTED] == [3 * INCIDENTS, INCIDENTS, 0, 0, INCIDENTS]
    assert picture() == undisturbed
    print(f"{torn} of {KILLS} kills hit it at work")
