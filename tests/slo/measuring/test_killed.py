"""A worker that is killed while it measures and evaluates leaves nothing half done: every minute is there exactly once."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from slo.engine.prefix import Counts
from slo.measuring import tasks as measuring_tasks
from slo.measuring.operations.series import raw_series
from slo.models import BurnAlert, DataSource, HourCounts, Indicator, Objective
from slo.objectives import operations, tasks
from tests.factories.slo import an_indicator, an_objective
from tests.slo.proving import IN_FULL
from tests.slo.range_server import RangeServer, range_server
from tests.slo.stored import assert_bases_add_up, held, stored

KILLS = 60 if IN_FULL else 4
INDICATORS = 3
WINDOW_DAYS = 14
PATIENCE_SECONDS = 600
ASKED_AGAIN_SECONDS = 15

pytestmark = [pytest.mark.in_turn(3, at=2), pytest.mark.timeout(3600), pytest.mark.django_db(transaction=True)]


class Worker:
    """A real Celery worker on the test's database and on a queue of its own; its log is shown with a failed test."""

    def __init__(self, folder: Path, source: RangeServer) -> None:
        self.folder, self.queue = folder, f"killed-{uuid.uuid4().hex}"
        self.environment = os.environ | {
            "DATABASE_URL": test_database(),
            "DATABASE_OWNER_URL": test_database(),
            "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
            "CELERY_SKIP_CHECKS": "1",  # they ran with the tests; each start would take twice as long
            "HEADROOM_OUTGOING_ALLOW": f"127.0.0.1:{source.port}",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["celery", "-A", "itsm", "worker", "-c", "2", "-Q", self.queue, "--loglevel", "info"]
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def give(self) -> None:
        """The minute's work, as the scheduler gives it."""
        for source_id in DataSource.objects.values_list("pk", flat=True):
            measuring_tasks.pull_one.apply_async((source_id,), queue=self.queue)
        tasks.evaluate_all.apply_async(queue=self.queue)

    def wait_for(self, source: RangeServer) -> None:
        """Until it asks the source. A kill may have taken what was given, so it is given again, as each minute does."""
        end, again = time.monotonic() + PATIENCE_SECONDS, time.monotonic() + ASKED_AGAIN_SECONDS
        while not source.asked.wait(0.2):
            if time.monotonic() > again:
                again += ASKED_AGAIN_SECONDS
                self.give()
            assert self.process is not None
            assert self.process.poll() is None, "the worker ended by itself"
            assert time.monotonic() < end, "nobody asks any more"

    def kill_children(self) -> None:
        """Those that work; the worker itself starts new ones."""
        assert self.process is not None
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            kill(int(child))

    def kill_all(self) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                """Ended already."""
            self.process.wait(PATIENCE_SECONDS)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        """Ended already."""


def test_database() -> str:
    given = connection.settings_dict
    who = f"{given['USER']}:{quote(given['PASSWORD'] or '', safe='')}"
    return f"postgres://{who}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


test_database.__test__ = False  # type: ignore[attr-defined]


@contextmanager
def working(folder: Path, source: RangeServer) -> Iterator[Worker]:
    worker = Worker(folder, source)
    worker.start()
    try:
        yield worker
    finally:
        worker.kill_all()
        print((folder / "worker.log").read_text(errors="replace")[-8000:])


def measured_objectives(source: RangeServer) -> list[Objective]:
    """Each with an indicator of its own; the first one is evaluated by slices as well."""
    indicators = [
        an_indicator(
            source="prometheus", server_url=source.url, bad_query=f"bad {number}", total_query=f"total {number}"
        )
        for number in range(INDICATORS)
    ]
    now = timezone.now()
    made = [an_objective(at=now, indicator=one, window_days=WINDOW_DAYS) for one in indicators]
    by_slices = {"method": "ratio_timeslices", "time_slice_minutes": 5}
    return [*made, an_objective(at=now, indicator=indicators[0], window_days=WINDOW_DAYS, **by_slices)]


def caught_up(worker: Worker, source: RangeServer) -> None:
    """Until everything is pulled up to now. Work is given again and again: what was killed is not given back at once."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        started = int(time.time()) // 60
        worker.give()
        for _ in range(20):
            time.sleep(0.1)
            if not Indicator.objects.exclude(pulled_until__gte=started).exists():
                return
    raise TimeoutError("The worker never caught up.")


def test_a_killed_worker_leaves_every_minute_exactly_once(tmp_path: Path) -> None:
    chance = random.Random()
    with range_server() as source, working(tmp_path, source) as worker:
        objectives = measured_objectives(source)
        torn = 0
        for number in range(KILLS):
            source.asked.clear()
            worker.give()
            worker.wait_for(source)
            time.sleep(chance.random() * 1.5)
            torn += unfinished()
            if number % 4 == 3:
                worker.kill_all()
                worker.start()
            else:
                worker.kill_children()
            if number % 5 == 4:  # all of it once more, on top of what is there
                Indicator.objects.update(pulled_until=None)
        caught_up(worker, source)
    print(f"{torn} of {KILLS} kills hit a pull in the middle")
    for objective in objectives[:INDICATORS]:
        assert_every_minute_once(objective, source)
    assert_slices_follow(objectives[-1])
    assert_evaluated_alike(objectives)


def unfinished() -> bool:
    """Whether some indicator has been begun and is not up to date."""
    behind = Indicator.objects.exclude(pulled_until__gte=int(time.time()) // 60 - 1).count()
    return behind > 0 and HourCounts.objects.exists()


def assert_every_minute_once(objective: Objective, source: RangeServer) -> None:
    indicator = Indicator.objects.get(pk=objective.indicator_id)
    number = int(indicator.total_query.split()[1])
    kept = stored(indicator)
    first, end = min(kept), indicator.pulled_until
    assert end is not None
    assert end - first >= WINDOW_DAYS * 1440
    assert kept == {minute: source.served(number, minute) for minute in range(first, end)}
    assert_bases_add_up(indicator)


def assert_slices_follow(objective: Objective) -> None:
    assert objective.indicator is not None
    five: dict[int, Counts] = {}
    for minute, counts in stored(objective.indicator).items():
        had = five.get(minute // 5, Counts(0, 0))
        five[minute // 5] = Counts(had.bad + counts.bad, had.total + counts.total)
    expected = {
        slice_ * 5 + 4: Counts(-(-(10**9) * counts.bad // counts.total), 10**9) for slice_, counts in five.items()
    }
    (span,) = objective.counted_periods.all()
    assert held(span.series) == expected


def assert_evaluated_alike(objectives: list[Objective]) -> None:
    at = timezone.now()
    assert operations.evaluate(at=at) == len(objectives)
    for objective in objectives[:INDICATORS]:
        objective.budget.refresh_from_db()
        last = int(objective.budget.watermark.timestamp()) // 60
        assert objective.budget.total_in_window == sum(
            counts.total
            for minute, counts in stored(Indicator.objects.get(pk=objective.indicator_id)).items()
            if last - WINDOW_DAYS * 1440 <= minute < last
        )
    open_alerts = BurnAlert.objects.filter(ended_at=None).values_list("objective", "severity")
    assert len(open_alerts) == len(set(open_alerts))
    assert at - objectives[0].budget.watermark < timedelta(minutes=5)
    assert raw_series(Indicator.objects.get(pk=objectives[0].indicator_id)).began_minute is not None
