"""What may never be late: found by reading rows, and done by the same operations that should have done it.

Apps register what they answer for in `AppConfig.ready()`. `./manage.py watch_response` asks all of them every 20 s,
beside the workers and without Celery, so that a worker which hangs or is gone is noticed by the work that it left.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from itsm.clocks import due
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane

logger = logging.getLogger(__name__)

LATE = timedelta(seconds=60)
WATCHED = (Lane.PAGING, Lane.INTAKE)


@dataclass(frozen=True, slots=True)
class Watched:
    """`find(before)`: how many should have been done before that instant and are not. `mend(at)`: do them now."""

    find: Callable[[datetime], int]
    mend: Callable[[datetime], object]


_watched: dict[str, Watched] = {}


def register(name: str, find: Callable[[datetime], int], mend: Callable[[datetime], object]) -> None:
    """Say what is watched, by a name for the metrics: small letters and underscores. Called once, at start."""
    _watched[name] = Watched(find, mend)


_COUNT = """
INSERT INTO clocks_lateness AS l (name, found, last_at) VALUES (%s, %s, now())
ON CONFLICT (name) DO UPDATE SET found = l.found + EXCLUDED.found, last_at = now()
"""


@dataclass(frozen=True, slots=True)
class Round:
    """How many were late, by what is watched (all names); `left`: those that are late all the same."""

    found: dict[str, int]
    left: dict[str, int]

    @property
    def is_well(self) -> bool:
        return not any(self.left.values())

    @property
    def was_late(self) -> bool:
        return any(self.found.values())


def look(at: datetime) -> Round:
    """Find what is late, do it, count it. What goes wrong with one keeps none of the others waiting."""
    found, left = {}, {}
    for name, watched in sorted(_watched.items()):
        found[name] = left[name] = late = watched.find(at - LATE)
        if not late:
            continue
        logger.warning("late: %s of %s", late, name)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [name, late])
        try:
            watched.mend(at)
        except Exception:
            logger.exception("what is late of %s could not be done", name)
        left[name] = watched.find(at - LATE)
    return Round(found, left)


def watch_lanes() -> None:
    """What is due and owed in lanes that may not be late. Called once, at start."""
    for lane in WATCHED:
        register(f"due_{lane.value}", _Due(lane).find, _Due(lane).mend)
        register(f"deliveries_{lane.value}", _Owed(lane).find, _Owed(lane).mend)


@dataclass(frozen=True, slots=True)
class _Due:
    lane: Lane

    def find(self, before: datetime) -> int:
        return due.waiting(before, (self.lane,)).count()

    def mend(self, at: datetime) -> None:
        due.sweep(at, lanes=(self.lane,))


@dataclass(frozen=True, slots=True)
class _Owed:
    lane: Lane

    def find(self, before: datetime) -> int:
        return outbox.waiting(before, (self.lane,))

    def mend(self, at: datetime) -> None:
        outbox.relay(at, lanes=(self.lane,))
