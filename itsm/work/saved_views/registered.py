"""Which lists may have views, and what those may say."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Lists:
    """What views of one kind of record may say. `check` raises InvalidInput for a query that is not understood.

    `columns`: those that an actor may choose, by key; `groups`: what a board may be grouped by.
    """

    check: Callable[[str, Actor], None]
    sorts: Collection[str]
    columns: Callable[[Actor], Mapping[str, Any]]
    groups: Collection[str] = ()


_lists: dict[str, Lists] = {}


def lists(record_kind: str, said: Lists) -> None:
    """Let this kind of record have views."""
    _lists[record_kind] = said


def of(record_kind: str) -> Lists | None:
    """None for a kind that has no views."""
    return _lists.get(record_kind)


def named(record_kind: str) -> Lists:
    """KeyError for a kind that has no views."""
    return _lists[record_kind]


def kinds() -> list[str]:
    return sorted(_lists)
