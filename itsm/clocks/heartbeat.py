"""A worker's sign of life: written by the work itself when it is finished, never by something beside the work.

A worker whose sweeps do not finish is dead, whatever it answers to pings: readiness, the container's health check
and the supervisor look here. A task that goes on for long says so meanwhile, until its time limit ends it.
"""

import threading
import time
from typing import Any

from celery import signals
from django.conf import settings
from django.db import DatabaseError, connection

from itsm import env
from itsm.notifications.lanes import CELERY, Lane

SAY_SO_EVERY = 15.0  # seconds of one task
HEALTHY = 60.0  # sweeps come every five seconds

_SWEPT = """
INSERT INTO clocks_heartbeat AS h (worker, swept_at) VALUES (%s, now())
ON CONFLICT (worker) DO UPDATE SET swept_at = now()
RETURNING xmax = 0
"""
_BUSY = """
INSERT INTO clocks_heartbeat AS h (worker, busy_at) VALUES (%s, now())
ON CONFLICT (worker) DO UPDATE SET busy_at = now()
"""
# Containers get a new name each time; those that left are forgotten when a new one comes.
_FORGET = "DELETE FROM clocks_heartbeat WHERE greatest(swept_at, busy_at) < now() - interval '1 day'"
_AGES = """
SELECT split_part(worker, '@', 1), extract(epoch FROM now() - max(swept_at)) FROM clocks_heartbeat
WHERE swept_at IS NOT NULL GROUP BY 1
"""
WATCH = "watch"
AUDITOR = "auditor"  # asks the invariants: its silence is told by the watch, and no lane's
# Who gives signs of life under which name; any other name is a Celery worker's.
KEEPERS = (*(lane.value for lane in Lane if lane not in CELERY), WATCH)


def swept(worker: str | None) -> None:
    """A sweep of this worker (its Celery name) has finished."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEPT, [worker or here()])
        if cursor.fetchone()[0]:
            cursor.execute(_FORGET)


def age() -> float | None:
    """Seconds since any Celery worker finished a sweep; None when none ever did."""
    found = [seconds for name, seconds in _ages().items() if name not in (*KEEPERS, AUDITOR)]
    return min(found, default=None)


def ages() -> dict[str, float | None]:
    """Seconds since each lane that is kept outside Celery was seen to, and since the last round of the watch."""
    found = _ages()
    return {name: found.get(name) for name in KEEPERS}


def _ages() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(_AGES)
        return {name: float(seconds) for name, seconds in cursor.fetchall()}


def here() -> str:
    return f"celery@{env.node()}"


def watch_here() -> str:
    """The name of `watch_response` on this machine."""
    return f"{WATCH}@{env.node()}"


def auditor_here() -> str:
    """The name of `audit_invariants` on this machine."""
    return f"{AUDITOR}@{env.node()}"


class _AtWork:
    """In each process of the worker: says of a task that takes long that it goes on."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._worker = here()

    def begins(self, task: Any = None, **_: Any) -> None:
        self._began, self._worker = time.monotonic(), getattr(task.request, "hostname", None) or here()

    def ends(self, **_: Any) -> None:
        self._began = None

    def watch(self, **_: Any) -> None:
        threading.Thread(target=self._say_so, name="at-work", daemon=True).start()

    def _say_so(self) -> None:
        while True:
            time.sleep(SAY_SO_EVERY)
            if self.is_long():
                self.say()

    def is_long(self) -> bool:
        """Under way for some time, and not for longer than any task may be."""
        began = self._began
        return began is not None and SAY_SO_EVERY < time.monotonic() - began < settings.CELERY_TASK_TIME_LIMIT + 10

    def say(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_BUSY, [self._worker])
        except DatabaseError:
            pass  # then nobody can read it either
        finally:
            connection.close()  # this thread's own


at_work = _AtWork()


def listen() -> None:
    """Called once, at start."""
    signals.worker_process_init.connect(at_work.watch)
    signals.task_prerun.connect(at_work.begins)
    signals.task_postrun.connect(at_work.ends)
