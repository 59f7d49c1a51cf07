"""Two who want the same at once, without a clock: a rival works on a thread and connection of its own, and the test
asks the database whether it waits for a lock.

    with rivals() as begin:
        with transaction.atomic():
            take_the_lock()
            other = begin(work)
            assert other.waits()
        assert other.result() == ...

Leaving the inner transaction lets the rival go on; leaving the outer block waits until it has ended, also where an
assertion failed.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from django.db import connection

_LOOK_EVERY = 0.02  # seconds between two looks; how many there are is left to the test's own time-out


class Rival:
    """A piece of work that runs beside the test."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._backend: Future[int] = Future()
        self._answer: Future[Any] = Future()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self._backend.set_result(connection.connection.get_backend_pid())
            self._answer.set_result(self._work())
        except BaseException as error:
            for waited_for in (self._backend, self._answer):
                if not waited_for.done():
                    waited_for.set_exception(error)
        finally:
            connection.close()

    def waits(self) -> bool:
        """True as soon as it is held up by somebody's lock; False where it came to its end without."""
        backend, pause = self._backend.result(), threading.Event()
        while not self._answer.done():
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [backend])
                if cursor.fetchone()[0]:
                    return True
            pause.wait(_LOOK_EVERY)
        return False

    def result(self) -> Any:
        """What the work returned, or the error that it ended with, raised."""
        return self._answer.result()

    def join(self) -> None:
        self._thread.join()


@contextmanager
def rivals() -> Iterator[Callable[[Callable[[], Any]], Rival]]:
    """Begin any number of rivals; all have ended when the block has."""
    begun: list[Rival] = []

    def begin(work: Callable[[], Any]) -> Rival:
        begun.append(Rival(work))
        return begun[-1]

    try:
        yield begin
    finally:
        for rival in begun:
            rival.join()
