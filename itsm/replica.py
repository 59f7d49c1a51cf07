"""A streaming replica for what may be some seconds old: reports, exports, the pages of audit.

`@may_be_old` on a view that only reads: what its body asks is asked of DATABASE_REPLICA_URL. Who is signed in is read
from the database itself. Where there is no replica, it does not answer, or it is behind by more seconds than
HEADROOM_REPLICA_LAG, the database itself is read; so it is where a view turns out to write, which a replica refuses.
Nothing that decides is marked: a verdict is written in the transaction that reads its evidence, on no replica.

How far it is behind is measured by what workers write down every five seconds (`itsm.clocks.heartbeat`), so that a
replica whose connection broke is old, whatever it says of itself; and where no worker works, none is read.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

logger = logging.getLogger(__name__)

ALIAS = "replica"
_KEPT = 2.0  # seconds for which an answer about its age holds, in each process
_AGE = """
SELECT CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM now() - max(greatest(swept_at, busy_at))) END
FROM clocks_heartbeat
"""
View = TypeVar("View", bound=Callable[..., Any])
Answer = TypeVar("Answer")


class _Known:
    """What this process found last: seconds behind (None: it cannot be read), and when."""

    age: float | None = None
    asked_at: float | None = None


_known = _Known()


def age() -> float | None:
    """At most so many seconds the replica is behind; None where there is none, or none that answers."""
    if ALIAS not in connections.settings:
        return None
    now = time.monotonic()
    if _known.asked_at is None or now - _known.asked_at > _KEPT:
        _known.asked_at = now  # first, so that others do not ask at the same time
        _known.age = _asked()
    return _known.age


def _asked() -> float | None:
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(_AGE)
            (seconds,) = cursor.fetchone()
    except DatabaseError as error:
        logger.warning("the replica does not answer, the database itself is read: %s", type(error).__name__)
        connections[ALIAS].close()
        return None
    return None if seconds is None else float(seconds)


def is_fresh() -> bool:
    """Whether it may be read now."""
    behind = age()
    return behind is not None and behind <= settings.REPLICA_LAG


@contextmanager
def reading() -> Iterator[bool]:
    """What this thread asks inside, by whatever way, is asked of the replica, if that may be read: whether it is."""
    mine = connections[DEFAULT_DB_ALIAS]
    if mine.in_atomic_block or not is_fresh():
        yield False
        return
    connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
    try:
        yield True
    finally:
        connections[DEFAULT_DB_ALIAS] = mine


def ask(question: Callable[[], Answer]) -> Answer:
    """What only reads, of the replica where that may be read; of the database itself else, or where that failed."""
    try:
        with reading() as elsewhere:
            if elsewhere:
                return question()
    except DatabaseError as error:  # it went away, cancelled what stood in its way, or the question writes
        logger.warning("asked of the database itself once more: %s", type(error).__name__)
        connections[ALIAS].close()
    return question()


def may_be_old(view: View) -> View:
    """A view, or a method of a viewset, that only reads and loses nothing by being asked twice; see the module."""

    @wraps(view)
    def read(*args: Any, **kwargs: Any) -> Any:
        request = next(one for one in args if hasattr(one, "method"))
        if request.method not in {"GET", "HEAD"} or not request.user.is_authenticated:
            return view(*args, **kwargs)
        return ask(lambda: view(*args, **kwargs))

    return read  # type: ignore[return-value]
