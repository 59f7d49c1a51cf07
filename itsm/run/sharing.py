"""gunicorn's threaded worker, which leaves a new connection to the process that holds the fewest.

A connection stays with the process that accepted it, and the kernel wakes whoever it likes: of four busy browsers all
four often lay on one of two processes, each waiting for the other three while the second process slept.
"""

import time
from array import array
from mmap import mmap
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_PLACES = 64
_NOBODY = -1
# Longer than a thread that computes keeps Python's one lock, so that a busy process can still come first.
_STEP_BACK_SECONDS = 0.006

# How many connections each process holds: read before the fork, one memory for all. No more than a hint, so that two
# processes may share a place after many restarts, and one that died may be counted until the arbiter has seen it.
_held = memoryview(mmap(-1, _PLACES * array("i").itemsize)).cast("i")
_held[:] = array("i", [_NOBODY] * _PLACES)


class SharingWorker(ThreadWorker):  # type: ignore[misc]
    """Steps back for a moment where another process holds fewer; nobody waits longer than that for one who hangs."""

    @property
    def nr_conns(self) -> int:
        return self._conns

    @nr_conns.setter
    def nr_conns(self, number: int) -> None:
        self._conns = _held[self.age % _PLACES] = number

    def accept(self, listener: Any) -> None:
        """Called where a connection waits; it may be gone to another process by then, which is no error."""
        if any(_NOBODY < number < self._conns for number in _held):
            time.sleep(_STEP_BACK_SECONDS)
        super().accept(listener)


def is_gone(worker: SharingWorker) -> None:
    """Nothing is left to this process any more."""
    _held[worker.age % _PLACES] = _NOBODY
