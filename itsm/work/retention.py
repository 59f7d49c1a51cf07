"""What is kept only for a time: apps say of a model of theirs what is over, since when, and how it goes.

Nothing goes by that alone: an administrator writes a rule and switches it on (`itsm.retention`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Model, Q
from django.db.models.functions import Coalesce

Goes = Callable[[Collection[int]], None]
Exports = Callable[[Iterable[Any]], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of a model that are kept for a time.

    `over`: those that may go at all. `since`: columns with the instant that their age counts from, the first that is
    set. `people`: columns that name whom a legal hold may keep. `category`: the column of the category; "" where there
    is none. `categories`: id and words of each. `purge` deletes rows by id; `mask` empties their texts, and
    `history` names the fields whose values go from their history too: rows, numbers, instants and who did what stay.
    `export` gives each as what JSON can hold.
    """

    model: type[Model]
    words: Any
    over: Q
    since: tuple[str, ...]
    people: tuple[str, ...]
    purge: Goes | None = None
    mask: Goes | None = None
    export: Exports | None = None
    category: str = ""
    categories: Callable[[], list[tuple[int, str]]] = list
    least_months: int = 1
    history: tuple[str, ...] = field(default=())

    @property
    def age(self) -> Any:
        """The instant that the age counts from, as an expression; null: never old."""
        return Coalesce(*self.since) if len(self.since) > 1 else F(self.since[0])


_kept: dict[str, Kept] = {}


def offers(kind: str, kept: Kept) -> None:
    """Say that records of a kind are kept for a time. Called once per kind, at start.

    ValueError where it is said neither how they go nor, of both ways, which one.
    """
    if (kept.purge is None) == (kept.mask is None):
        raise ValueError(f"{kind}: either rows are purged or their texts are masked.")
    _kept[kind] = kept


def offered() -> dict[str, Kept]:
    """By kind, in the order in which they were registered."""
    return dict(_kept)
