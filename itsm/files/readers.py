"""Who reads the files of a record: apps say it of their kinds of records in `AppConfig.ready()`."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from itsm.kernel.actors import Actor


class Reading(NamedTuple):
    """What somebody reads of a record's files. `reads_all`: private ones too, and those that are not clean.

    `only`: the keys of those that are there for who does not read all; None: every one.
    """

    record: Any
    reads_all: bool
    only: Collection[str] | None = None

    def reads(self, key: str) -> bool:
        return self.reads_all or self.only is None or key in self.only


Find = Callable[[Actor, int], Reading | None]
_known: dict[str, Find] = {}


def register(kind: str, find: Find) -> None:
    """`find(actor, id)`: how the actor reads that record of this kind; None where it is not there for them."""
    _known[kind] = find


def reading(actor: Actor, kind: str, record_id: int) -> Reading | None:
    """How the actor reads the files of a record; None where nobody said, or it is not there for them."""
    find = _known.get(kind)
    return find(actor, record_id) if find is not None else None
