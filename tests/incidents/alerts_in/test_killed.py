"""The lane that applies alerts is killed again and again: every alert is there once, and no incident too many."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from incidents.alerts_in.formats import read
from incidents.alerts_in.models import AlertIntake, AlertOccurrence
from incidents.alerts_in.operations import applying, receiving
from tests.bench import alerts as bench
from tests.changes.change.test_crashes import dies_at_each
from tests.slo.measuring.test_killed import test_database
from tests.slo.proving import IN_FULL

ALERTS, KILLS = (5_000, 10) if IN_FULL else (300, 1)
PATIENCE_SECONDS = 600

pytestmark = [pytest.mark.in_turn(3, at=1), pytest.mark.timeout(3600), pytest.mark.django_db(transaction=True)]


@contextmanager
def _keeping(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program that keeps the lane, on the test's database."""
    environment = os.environ | {
        "DATABASE_URL": test_database(), "DATABASE_OWNER_URL": test_database(),
        "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
    }  # fmt: skip
    with (folder / "lane.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "keep_lanes", "intake"], env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)


def _applied() -> int:
    return AlertIntake.objects.filter(status="applied").count()


def test_killed_while_it_applies(tmp_path: Path) -> None:
    source = bench._monitoring()
    for raw in bench._written(ALERTS):
        receiving.keep(source, raw, at=timezone.now(), alerts=len(read("alertmanager", json.loads(raw), {}).told))
    applying.soon(source.pk, timezone.now())
    dice, bodies = random.Random(15), AlertIntake.objects.count()

    for _ in range(KILLS):
        with _keeping(tmp_path):
            _wait_for(lambda: _someone_applies() or _applied() == bodies)
            time.sleep(dice.random())
    with _keeping(tmp_path):
        _wait_for(lambda: _applied() == bodies)

    assert AlertOccurrence.objects.count() == ALERTS
    assert AlertOccurrence.objects.filter(incident=None).count() == 0
    assert AlertOccurrence.objects.values("incident").distinct().count() <= bench.SERVICES + 1


def _someone_applies() -> bool:
    """Whether the lock of a source is held just now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [0x414C5352])
        return bool(cursor.fetchone()[0])


def test_no_death_of_the_database_parks_an_alert() -> None:
    """Neither a body nor one alert of it, before whichever statement it dies."""
    source, now = bench._monitoring(), timezone.now()
    [raw] = bench._written(2)
    receiving.keep(source, raw, at=now, alerts=2)

    @transaction.atomic
    def apply() -> None:
        applying.apply_when_due(source.pk, now)

    for _ in dies_at_each(apply):
        assert AlertIntake.objects.get().status == "new"
    assert AlertIntake.objects.get().status == "applied"
    assert AlertOccurrence.objects.exclude(incident=None).count() == 2


def _wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "nobody applies them any more"
        time.sleep(0.05)
