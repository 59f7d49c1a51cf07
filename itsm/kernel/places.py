"""How many requests a process works on at once, and how many more may wait there for news.

The web server has a thread for each of both. Who works holds a place; who waits gives it back meanwhile, so that eight
pipelines that wait for people hold up nobody who reads a page.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

WORKING = int(os.environ.get("WEB_THREADS", "4"))
WAITING = int(os.environ.get("WEB_WAITERS", "8"))

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Software agents never tire: of each process they get one place at a time, and some of them may stand in line for it.
_AGENTS_IN_LINE = 4

_working = threading.BoundedSemaphore(WORKING)
_agent = threading.BoundedSemaphore(1)
_agents_in_line = threading.BoundedSemaphore(_AGENTS_IN_LINE)
_waiting = threading.BoundedSemaphore(WAITING)
_mine = threading.local()


def held_by_each(application: Application) -> Application:
    """The application, each of whose requests holds one of the places to work."""

    def placed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with _working:
            _mine.place = True
            try:
                return application(environ, start_response)
            finally:
                _mine.place = False

    return placed


@contextmanager
def room_to_wait() -> Iterator[bool]:
    """Whether there is room to wait; within, this thread's place to work is somebody else's."""
    if not _waiting.acquire(blocking=False):
        yield False
        return
    has_place = getattr(_mine, "place", False)
    if has_place:
        _working.release()
    try:
        yield True
    finally:
        _waiting.release()
        if has_place:
            _working.acquire()


@contextmanager
def room_for_an_agent(seconds: float) -> Iterator[bool]:
    """Whether a software agent may work within: at once, or once those before it are done, for so long at most.

    Whoever stands in line gives its place to work back meanwhile, so that however many agents ask, people are served.
    """
    has_room = _agent.acquire(blocking=False) or _in_line(seconds)
    try:
        yield has_room
    finally:
        if has_room:
            _agent.release()


def _in_line(seconds: float) -> bool:
    if not _agents_in_line.acquire(blocking=False):
        return False
    try:
        with room_to_wait() as may_wait:
            return may_wait and _agent.acquire(timeout=seconds)
    finally:
        _agents_in_line.release()
