"""Whose clocks they are: apps above register their record kind here, once, in `AppConfig.ready()`.

Clocks know neither incident nor team. Whoever acts upon a clock locks the record first, then the clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from itsm.clocks.models import Clock


@dataclass(frozen=True, slots=True)
class Reached:
    """A clock ran into a threshold: `warn_75`, `breach` or `level_2`, at an instant; `due_at` is the clock's own."""

    clock: Clock
    threshold: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """What the app of a record kind does for its clocks.

    `lock` locks the record's row and says whether it is there. `due_moved` hears the earliest due of the record's
    running clocks, None where none runs. `reached` tells people of a threshold. All run in one transaction.
    """

    lock: Callable[[int], bool]
    due_moved: Callable[[int, datetime | None], None]
    reached: Callable[[int, Reached], None]


_owners: dict[str, Owner] = {}


def register(record_kind: str, owner: Owner) -> None:
    """Say who acts for the clocks of this kind of record. Called once per kind, at start."""
    _owners[record_kind] = owner


def owner_of(record_kind: str) -> Owner | None:
    """None where nobody listens: the clocks count all the same."""
    return _owners.get(record_kind)
