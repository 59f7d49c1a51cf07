"""Lanes: what is owed and what is due goes side by side, so that nothing slow holds up what wakes people.

Every channel of the outbox and every name of a due row has one lane, said where it is registered. `desk` and `bulk` are
kept by the Celery worker; the others by a program of their own (`manage.py keep_lanes`), which needs no broker.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Lane(StrEnum):
    """Who waits for whom: only what is in one lane."""

    PAGING = "paging"  # reaches who is on call; never gives up
    DESK = "desk"  # what records owe themselves; the default
    INTAKE = "intake"  # what came from outside and is not applied yet, what is fetched
    MAIL = "mail"
    PUSH = "push"
    WEBHOOK = "webhook"  # also chat
    BULK = "bulk"  # long, and nobody waits for it

    @property
    def manner(self) -> "Manner":
        return _MANNERS.get(self, Manner())


CELERY = (Lane.DESK, Lane.BULK)
OUTWARD = (Lane.MAIL, Lane.PUSH, Lane.WEBHOOK, Lane.INTAKE)

MOST = 30_000  # attempts that are counted; a small integer holds no more


@dataclass(frozen=True, slots=True)
class Manner:
    """How a lane tries. Waits are seconds after the first, second ... failure; the last of them is repeated."""

    waits: tuple[float, ...] = (20, 80, 320, 1280, 5120, 20480, 21600)
    tries: int | None = 10  # None: until it succeeds, or its life is over
    life: timedelta | None = None  # since it was owed
    jitter: float = 0.0  # the share by which a wait is longer or shorter
    threads: int = 1  # so many at once in one process
    # An attempt is written down and committed before it is made, and nobody else makes one for so long. Without it the
    # row stays locked while it is delivered.
    noted_for: timedelta | None = None
    together: int = 1  # of such: so many for one owner are claimed at once, and made one after the other

    def wait(self, attempts: int) -> timedelta:
        """After this many attempts that failed."""
        seconds = self.waits[min(attempts, len(self.waits)) - 1]
        return timedelta(seconds=seconds * (1 + random.uniform(-self.jitter, self.jitter)))  # noqa: S311 -- no secret

    def is_over(self, attempts: int, age: timedelta) -> bool:
        """Given up, after this many attempts, so long after it was owed."""
        return (self.tries is not None and attempts >= self.tries) or (self.life is not None and age >= self.life)


_MANNERS = {
    Lane.PAGING: Manner((2, 4, 8, 16, 30), tries=None, threads=8, noted_for=timedelta(seconds=15)),
    Lane.MAIL: Manner((15, 60, 240, 900, 3600), tries=None, life=timedelta(days=3), threads=4),
    Lane.PUSH: Manner((2, 8, 30, 60), tries=6, threads=4),
    # Ten tries in three days: 5 s, 5 min, 30 min, 2, 5, 10, 14, 18 and 20 hours.
    Lane.WEBHOOK: Manner(
        (5, 300, 1800, 7200, 18000, 36000, 50400, 64800, 72000),
        jitter=0.1,
        threads=8,
        noted_for=timedelta(seconds=60),
        together=10,
    ),
    Lane.INTAKE: Manner(threads=2),
}


def counted(attempts: int) -> int:
    """One attempt more, as far as anybody counts."""
    return min(attempts + 1, MOST)
