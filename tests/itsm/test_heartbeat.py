"""A worker lives by the sweeps that it finishes; a long task says that it goes on; a ping says nothing."""

import os
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from itsm.clocks import heartbeat, tasks
from itsm.clocks.models import Heartbeat
from itsm.home import probes
from itsm.run import pulse

pytestmark = pytest.mark.django_db


def swept(ago: float, worker: str = "celery@one", busy: float | None = None) -> None:
    at = timezone.now()
    Heartbeat.objects.create(
        worker=worker,
        swept_at=at - timedelta(seconds=ago),
        busy_at=None if busy is None else at - timedelta(seconds=busy),
    )


def test_a_finished_sweep_leaves_its_mark_and_only_a_finished_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(at: object, **_: object) -> int:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("itsm.clocks.due.sweep", breaks)
        with pytest.raises(RuntimeError):
            tasks.sweep()
    assert heartbeat.age() is None
    tasks.sweep()
    tasks.sweep()
    assert Heartbeat.objects.get().worker == heartbeat.here()
    age = heartbeat.age()
    assert age is not None
    assert age < 60


def test_workers_that_left_are_forgotten_when_a_new_one_comes() -> None:
    swept(90_000, "celery@yesterday")
    swept(80_000, "celery@today")
    heartbeat.swept("celery@new")
    assert set(Heartbeat.objects.values_list("worker", flat=True)) == {"celery@today", "celery@new"}


@pytest.mark.parametrize(
    ("ago", "status", "said"),
    [(5, "ready", "ok"), (59, "ready", "ok"), (61.2, "degraded", "no sweep finished for 61 s")],
)
def test_readiness_goes_by_the_last_finished_sweep(
    monkeypatch: pytest.MonkeyPatch, ago: float, status: str, said: str
) -> None:
    monkeypatch.setattr(heartbeat, "age", lambda: ago)
    monkeypatch.setattr(heartbeat, "ages", lambda: {"paging": 2})
    probes._kept.clear()
    answer = Client().get("/readyz").json()
    probes._kept.clear()
    assert (answer["status"], answer["worker"]) == (status, said)


def test_the_age_is_that_of_the_newest_sweep() -> None:
    swept(300_000)
    swept(100_000, "celery@other")
    assert heartbeat.age() == pytest.approx(100_000, abs=50_000)


def test_the_worker_that_sweeps_makes_it_ready_whatever_another_does() -> None:
    swept(1000, "celery@deaf")
    swept(3, "celery@well")
    assert probes._worker() == "ok"


def test_only_a_task_that_lasts_says_so_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    work = heartbeat._AtWork()
    clock = [1000.0]
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: clock[0])
    task = SimpleNamespace(request=SimpleNamespace(hostname="celery@one"))
    assert not work.is_long()
    work.begins(task=task)
    for seconds, is_long in ((1, False), (14, False), (20, True), (239, True), (251, False)):
        clock[0] = 1000.0 + seconds
        assert work.is_long() is is_long
    clock[0] = 1020.0
    with mock.patch.object(connection, "close"):  # here it is the test's own
        work.say()
    row = Heartbeat.objects.get(worker="celery@one")
    assert row.busy_at is not None
    assert row.swept_at is None
    work.ends()
    assert not work.is_long()


def test_the_pulse_is_the_later_of_finishing_and_being_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The query of the launcher, which knows no Django."""
    swept(200_000, "celery@deaf")
    swept(200_000, "celery@long", busy=10)

    def silence(worker: str) -> float | None:
        with connection.cursor() as cursor:
            cursor.execute(pulse._SILENCE, [[worker]])
            seconds = cursor.fetchone()[0]
        return None if seconds is None else round(float(seconds))

    assert silence("celery@deaf") == pytest.approx(200_000, abs=50_000)
    assert silence("celery@long") == pytest.approx(10, abs=50_000)
    assert silence("celery@stranger") is None


def test_nobody_knows_while_the_database_is_away() -> None:
    assert pulse.silence("postgresql://nobody@127.0.0.1:1/none", ["celery@one"]) is None


def test_only_a_worker_that_had_the_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(pulse.os, "kill", lambda pid, number: ended.append(pid))
    file = tmp_path / "worker.pid"
    assert not pulse.end_the_silent(file, 1000)  # there is none
    file.write_text("4711\n")
    assert not pulse.end_the_silent(file, 1000)  # it began just now
    old = time.time() - 1000
    os.utime(file, (old, old))
    assert not pulse.end_the_silent(file, pulse.LONGEST)
    assert ended == []
    assert pulse.end_the_silent(file, float("inf"))
    assert ended == [4711]
