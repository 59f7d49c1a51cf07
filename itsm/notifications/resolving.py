"""The addresses of a name within a time: the system's own look-up knows none, and waits for a name server that never
answers as long as it is configured to, half a minute and more.

It is asked on a thread of its own, which nobody waits for longer than said; what hangs there ends with the system's
patience, and never holds up the end of the program. Only so many hang at once: all, of one domain, and of one name, so
that a slow one takes the room of none but itself.
"""

import ipaddress
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from queue import Empty, SimpleQueue

from django.utils.translation import gettext as _

LOOK_UP_SECONDS = 5.0
MOST_AT_ONCE, MOST_OF_A_DOMAIN, MOST_OF_A_NAME = 32, 16, 4


class Room:
    """So many look-ups at once, and of these so many of one domain (its last two labels) and of one name."""

    def __init__(
        self, most: int = MOST_AT_ONCE, of_a_domain: int = MOST_OF_A_DOMAIN, of_a_name: int = MOST_OF_A_NAME
    ) -> None:
        self._most, self._of_a_domain, self._of_a_name = most, of_a_domain, of_a_name
        self._held: Counter[str] = Counter()
        self._freed = threading.Condition()

    def enter(self, host: str, patience: float) -> bool:
        """Take a place within so many seconds; whether there was one."""
        limits = self._limits(host)
        with self._freed:
            free = self._freed.wait_for(lambda: all(self._held[key] < most for key, most in limits.items()), patience)
            if free:
                self._held.update(limits.keys())
            return free

    def leave(self, host: str) -> None:
        """Give it back."""
        with self._freed:
            self._held.subtract(self._limits(host).keys())
            self._held = +self._held  # without the names of which none is left
            self._freed.notify_all()

    def _limits(self, host: str) -> dict[str, int]:
        name = host.rstrip(".")
        domain = ".".join(name.split(".")[-2:])
        return {"": self._most, f".{domain}": self._of_a_domain, name: self._of_a_name}


_room = Room()


def addresses_of(host: str, port: int, within: float = LOOK_UP_SECONDS) -> list[str]:
    """All addresses, the best route first as the system orders them, each once. `within`: seconds, of which it takes no
    more than LOOK_UP_SECONDS, for a place and for the answer together. Raises what `socket.getaddrinfo` raises, and
    TimeoutError with a sentence."""
    if _is_address(host):
        return _asked(host, port)
    until = time.monotonic() + max(0.0, min(within, LOOK_UP_SECONDS))
    said: SimpleQueue[list[str] | Exception] = SimpleQueue()
    room = _room
    if not room.enter(host, _left(until)):
        raise TimeoutError(_too_slow(host))
    try:
        threading.Thread(target=_ask, args=(host, port, said, room), name=f"look-up of {host}", daemon=True).start()
    except (RuntimeError, MemoryError) as error:  # no thread, so none that gives the place back
        room.leave(host)
        raise socket.gaierror(socket.EAI_MEMORY, str(error)) from error
    with suppress(Empty):
        found = said.get(timeout=_left(until))
        if isinstance(found, Exception):
            raise found
        return found
    raise TimeoutError(_too_slow(host))


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


def _ask(host: str, port: int, said: "SimpleQueue[list[str] | Exception]", room: Room) -> None:
    try:
        said.put(_asked(host, port))
    except Exception as error:  # whoever waits is told, in their thread
        said.put(error)
    finally:
        room.leave(host)


def _asked(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in answers))


def _is_address(host: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(host.split("%")[0])
        return True
    return False


def _too_slow(host: str) -> str:
    return _("Our own look-up of %(host)s takes too long.") % {"host": host}
