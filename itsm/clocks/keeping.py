"""Keeping lanes in a program of its own: a look each second, and as many threads as the lane takes at once.

It asks PostgreSQL and no broker: what is owed is found whatever else is down. The one who looks never delivers, so a
receiver that hangs takes one thread of its lane and nothing of the others. Its sign of life says that the look was
finished and that no thread has been at one thing for longer than anything may take.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connection

from itsm import env
from itsm.clocks import due, heartbeat
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds
SAY_SO = 5.0
REST = 15.0  # seconds for which a thread without work keeps itself and its connection
LONGEST = 60.0  # seconds that one delivery or one due row may take; each has time-outs far below
PATIENCE = 12.0  # seconds for what is under way when the program is asked to stop


def worker_of(lane: Lane) -> str:
    """The name under which this machine's keeper of a lane gives its signs of life."""
    return f"{lane.value}@{env.node()}"


def now_there() -> datetime:
    """The database's clock: what is due is held against the clock by which it was promised."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


class Keeper:
    """One lane: `run` until `stopping` is set."""

    def __init__(self, lane: Lane, stopping: threading.Event) -> None:
        self.lane, self.stopping = lane, stopping
        self._guard = threading.Lock()
        self._began: dict[threading.Thread, float] = {}  # of those that are at work
        self._standing: set[threading.Thread] = set()
        self._resting = 0
        self._calls = threading.Semaphore(0)
        self._said = 0.0

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.look()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("lane %s: no database (%s)", self.lane.value, type(error).__name__)
                connection.close()
            self.stopping.wait(LOOK)
        connection.close()

    def look(self) -> None:
        """See whether anything waits, put threads to it, and say that it was seen to."""
        free = self.lane.manner.threads - len(self._began)
        at = now_there()
        outbox.let_wait(at, self.lane)
        if free > 0:
            waiting = due.waiting(at, (self.lane,))[:free].count()
            waiting += outbox.waiting(at, (self.lane,), most=free)
            for _ in range(min(waiting, free)):
                self._call()
        if time.monotonic() - self._said >= SAY_SO and not self.is_stuck():
            heartbeat.swept(worker_of(self.lane))
            self._said = time.monotonic()

    def is_stuck(self) -> bool:
        with self._guard:
            return any(time.monotonic() - began > LONGEST for began in self._began.values())

    def join(self, deadline: float) -> None:
        """Wait for what is under way. What is not over by then is as after a crash: done again."""
        with self._guard:
            standing = list(self._standing)
            for _ in range(self._resting):  # who rests ends
                self._calls.release()
            self._resting = 0
        for thread in standing:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _call(self) -> None:
        """One more at work: who rests, with a connection that knows its statements, else a new one."""
        with self._guard:
            rests = self._resting > 0
            if rests:
                self._resting -= 1
                self._calls.release()
        if not rests:
            self._start()

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=f"lane-{self.lane.value}", daemon=True)
        with self._guard:
            self._began[thread] = time.monotonic()
            self._standing.add(thread)
        thread.start()

    def _work(self) -> None:
        try:
            self._work_off()
            while self._is_called():
                self._work_off()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("lane %s: no database (%s)", self.lane.value, type(error).__name__)
        except Exception:  # the next look goes on
            logger.exception("lane %s", self.lane.value)
        finally:
            connection.close()
            with self._guard:
                self._began.pop(threading.current_thread(), None)
                self._standing.discard(threading.current_thread())

    def _work_off(self) -> None:
        began, since = now_there(), time.monotonic()
        while not self.stopping.is_set():
            now = time.monotonic()
            with self._guard:
                self._began[threading.current_thread()] = now
            if not self._did_something(began + timedelta(seconds=now - since)):
                break

    def _is_called(self) -> bool:
        """Rest until there is work again. False: nobody called for so long, or it is over."""
        with self._guard:
            self._began.pop(threading.current_thread(), None)
            if self.stopping.is_set():
                return False
            self._resting += 1
        called = self._calls.acquire(timeout=REST)
        with self._guard:
            if not called and not self._calls.acquire(blocking=False):  # else the call came just now
                self._resting -= 1
                return False
            if self.stopping.is_set():
                return False
            self._began[threading.current_thread()] = time.monotonic()
        return True

    def _did_something(self, at: datetime) -> bool:
        lanes = (self.lane,)
        if outbox.relay_some(at, lanes) is not None:
            return True
        # As many rows as there are threads: each finds one that no other holds.
        return due.sweep(at, self.lane.manner.threads, lanes=lanes) > 0


def keep(lanes: Sequence[Lane], stopping: threading.Event) -> None:
    """All these lanes, each by itself, until `stopping` is set. Returns once what was under way is over."""
    keepers = [Keeper(lane, stopping) for lane in lanes]
    threads = [threading.Thread(target=one.run, name=f"looks-{one.lane.value}", daemon=True) for one in keepers]
    for thread in threads:
        thread.start()
    while not stopping.wait(LOOK):
        if dead := [thread.name for thread in threads if not thread.is_alive()]:
            raise RuntimeError(f"ended by itself: {', '.join(dead)}")
    deadline = time.monotonic() + PATIENCE
    for one in keepers:
        one.join(deadline)
