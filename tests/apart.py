"""A process beside the test, for what is killed: a copy of this one, with connections of its own.

A program that starts anew imports Headroom first, which costs two to four seconds each time; a copy begins at once, and is
killed as truly. It finds this process's settings and database.
"""

import os
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress

from django.db import connections


class Copy:
    """A copy of this process that does one thing and ends: with 0, with 1 where that failed, with -9 where it was killed."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.code: int | None = None
        connections.close_all()  # what both had open, both would close
        self.pid = os.fork()
        if not self.pid:
            _do(work)

    def poll(self) -> int | None:
        """How it ended; None while it works."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        code = self._ended(0)
        assert code is not None
        return code

    def kill(self) -> None:
        """By SIGKILL, and gone when this returns."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def _ended(self, how: int) -> int | None:
        if self.code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code


def _do(work: Callable[[], object]) -> None:
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the copied process's own end: no reports, no fixtures
