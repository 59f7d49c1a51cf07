"""The addresses of a name within a time: the system's own look-up knows none, and waits for a name server that never
answers as long as it is configured to, half a minute and more.

It is asked on a thread of its own, which nobody waits for longer than said; what hangs there ends with the system's
patience, and never holds up the end of the program. Only so many hang at once: all, of one domain, and of one name, so
that a slow one takes the room of none but itself; and those of which we do not know that they answer in time have only
a share of it, so that many slow ones together hold up none that does. What is known is known of a name alone: the last
two labels may be those of a cluster or of a whole country.
"""

import ipaddress
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

from django.utils.translation import gettext as _

LOOK_UP_SECONDS = 5.0
MOST_AT_ONCE, MOST_OF_A_DOMAIN, MOST_OF_A_NAME = 32, 8, 4
MOST_REMEMBERED = 1000  # names; of those that were late, else of all, the one that answered longest ago is forgotten

T = TypeVar("T")


class Standing(IntEnum):
    """How a name was answered last. Each has what those before it have left of its own share."""

    LATE, NEW, PROVEN = range(3)


class Room:
    """So many look-ups at once, and of these so many of one domain (its last two labels) and of one name.

    A name that was late last time shares a quarter with all such, one that was never asked for may use half, beside
    them; the rest is for those that answered in time, and for the servers that the operator named. Those hold no more
    of it, either, than the quarter once they are late: where names that answered begin to hang, the next ones find
    room. So threads may be more than `most`, and never more than twice as many.
    """

    def __init__(
        self, most: int = MOST_AT_ONCE, of_a_domain: int = MOST_OF_A_DOMAIN, of_a_name: int = MOST_OF_A_NAME
    ) -> None:
        self._most_threads, self._of_a_domain, self._of_a_name = 2 * most, of_a_domain, of_a_name
        self._share = {Standing.LATE: max(1, most // 4), Standing.NEW: max(1, most // 2), Standing.PROVEN: most}
        self._domains: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._answered: dict[str, Standing] = {}
        self._freed = threading.Condition()

    def enter(self, host: str, patience: float, *, named: bool = False) -> bool:
        """Take a place within so many seconds; whether there was one. `named`: by the operator, as a server of the
        desk: as if it had answered in time, and however many hang of its domain."""
        name, domain = _name_and_domain(host)
        with self._freed:
            free = self._freed.wait_for(
                lambda: (
                    self._names[name] < self._of_a_name
                    and (named or self._domains[domain] < self._of_a_domain)
                    and self._has_room(Standing.PROVEN if named else self._standing(name), named=named)
                ),
                patience,
            )
            if free:
                self._domains[domain] += 1
                self._names[name] += 1
            return free

    def late(self, host: str) -> None:
        """Whoever asked waits no longer; its place is held until it is left. Where it was left in the same instant,
        that says how it answered."""
        name, _domain = _name_and_domain(host)
        with self._freed:
            if self._names[name]:
                self._note(name, Standing.LATE)
                self._freed.notify_all()  # it may count for less now

    def leave(self, host: str, *, in_time: bool | None = None) -> None:
        """Give the place back. `in_time`: how it answered, whatever it said; None where it was never asked."""
        name, domain = _name_and_domain(host)
        with self._freed:
            self._domains[domain] -= 1
            self._names[name] -= 1
            # without those of which none is left
            self._domains, self._names = +self._domains, +self._names
            if in_time is not None:
                self._note(name, Standing.PROVEN if in_time else Standing.LATE)
            self._freed.notify_all()

    def _has_room(self, stands: Standing, *, named: bool) -> bool:
        held: Counter[Standing] = Counter()
        for name, many in self._names.items():
            held[self._standing(name)] += many
        # The last places are for servers of the desk alone: names that answered once may hang by the dozen.
        if held.total() >= self._most_threads - (0 if named else self._share[Standing.LATE]):
            return False
        if stands is Standing.PROVEN:  # not for strangers: each that hangs would make room for the next
            held[Standing.LATE] = min(held[Standing.LATE], self._share[Standing.LATE])
        return sum(many for other, many in held.items() if other <= stands) < self._share[stands]

    def _standing(self, name: str) -> Standing:
        return self._answered.get(name, Standing.NEW)

    def _note(self, name: str, standing: Standing) -> None:
        self._answered.pop(name, None)
        self._answered[name] = standing
        if len(self._answered) > MOST_REMEMBERED:
            late = (one for one, stands in self._answered.items() if stands is Standing.LATE)
            del self._answered[next(late, next(iter(self._answered)))]


def _name_and_domain(host: str) -> tuple[str, str]:
    name = host.rstrip(".").lower()
    return name, ".".join(name.split(".")[-2:])


_room = Room()


def addresses_of(host: str, port: int, within: float = LOOK_UP_SECONDS, *, named: bool = False) -> list[str]:
    """All addresses, the best route first as the system orders them, each once. `within`: seconds, of which it takes no
    more than LOOK_UP_SECONDS, for a place and for the answer together. `named`: by the operator, see `Room.enter`.
    Raises what `socket.getaddrinfo` raises, and TimeoutError with a sentence."""
    if _is_address(host):
        return _asked(host, port)
    return answer_about(host, partial(_asked, host, port), within, named=named)


def answer_about(host: str, ask: Callable[[], T], within: float = LOOK_UP_SECONDS, *, named: bool = False) -> T:
    """What `ask`, which looks this name up by the system, returns or raises; else as `addresses_of`."""
    until = time.monotonic() + max(0.0, min(within, LOOK_UP_SECONDS))
    said: SimpleQueue[T | Exception] = SimpleQueue()
    room = _room
    if not room.enter(host, _left(until), named=named):
        raise TimeoutError(_too_slow(host))
    try:
        threading.Thread(target=_ask, args=(host, ask, said, room), name=f"look-up of {host}", daemon=True).start()
    except (RuntimeError, MemoryError) as error:  # no thread, so none that gives the place back
        room.leave(host)
        raise socket.gaierror(socket.EAI_MEMORY, str(error)) from error
    with suppress(Empty):
        found = said.get(timeout=_left(until))
        if isinstance(found, Exception):
            raise found
        return found
    room.late(host)
    raise TimeoutError(_too_slow(host))


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


def _ask(host: str, ask: Callable[[], T], said: "SimpleQueue[T | Exception]", room: Room) -> None:
    began = time.monotonic()
    try:
        said.put(ask())
    except Exception as error:  # whoever waits is told, in their thread
        said.put(error)
    finally:
        room.leave(host, in_time=time.monotonic() - began <= LOOK_UP_SECONDS)


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
