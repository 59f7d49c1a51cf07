"""Requests that wait for news of a record, looked after together and without a connection to the database meanwhile.

One thread of the process asks for all of them, twice a second, by one statement; it ends when nobody waits.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from itsm.kernel.errors import InvalidInput
from itsm.kernel.places import room_to_wait

logger = logging.getLogger(__name__)

LONGEST = 25  # seconds
LOOK = 0.5
_NEVER = object()

Look = Callable[[Collection[Any]], Mapping[Any, Any]]


class Waiting:
    """Who waits until `look(keys)` says something else of their key than they saw."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._who: dict[threading.Event, tuple[Any, Any]] = {}
        self._thread: threading.Thread | None = None

    def wait(self, key: Any, seen: Any, seconds: float) -> bool:
        """Whether it is time to read it again: at news, or when the time is over. False, at once: there is no room.

        The thread's connection is given back first, so nothing that was read may be written afterwards.
        """
        with room_to_wait() as has_room:
            if not has_room:
                return False
            if not connection.in_atomic_block:  # a test's; no request waits in a transaction
                connection.close()
            told = threading.Event()
            with self._lock:
                self._who[told] = (key, seen)
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._watch, name="waiting", daemon=True)
                    self._thread.start()
            try:
                told.wait(seconds)
            finally:
                with self._lock:
                    self._who.pop(told, None)
        return True

    def _watch(self) -> None:
        pause = threading.Event()
        try:
            while True:
                with self._lock:
                    waiting = dict(self._who)
                    if not waiting:
                        self._thread = None
                        return
                self._tell(waiting)
                pause.wait(LOOK)
        finally:
            connection.close()

    def _tell(self, waiting: Mapping[threading.Event, tuple[Any, Any]]) -> None:
        try:
            found = self._look({key for key, _seen in waiting.values()})
        except Exception as error:  # they read it themselves when their time is over
            logger.warning("nobody can be told of news: %s", type(error).__name__)
            connection.close()
            return
        for told, (key, seen) in waiting.items():
            if found.get(key, _NEVER) != seen:
                told.set()


def seconds_in(said: str | None) -> int:
    """`?wait=`: 0 to 25 seconds; nothing is 0. Raises InvalidInput."""
    if said is None:
        return 0
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and int(said) <= LONGEST):
        raise InvalidInput.about("wait", gettext("Wait 0 to %(most)s seconds.") % {"most": LONGEST})
    return int(said)
