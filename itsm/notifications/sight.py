"""Whether somebody still sees what they were told of: asked again when a mail leaves and when the bell is read.

What is told to people is content. Apps register who sees a record of theirs, in `AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar


class _Told(Protocol):
    @property
    def record_kind(self) -> str: ...
    @property
    def record_id(self) -> int | None: ...
    @property
    def relation(self) -> str: ...


class News(NamedTuple):
    """Of a notification what says whether it is still seen."""

    record_kind: str
    record_id: int | None
    relation: str


ToldT = TypeVar("ToldT", bound=_Told)
Sees = Callable[[Any, dict[int, set[str]]], set[tuple[int, str]]]
_sights: dict[str, Sees] = {}


def register(record_kind: str, sees: Sees) -> None:
    """Say who sees records of a kind. Called once per kind, at start.

    `sees(user, {record id: relations})` returns the pairs (record id, relation) whose news the user may read now.
    """
    _sights[record_kind] = sees


def still_seen(user: Any, told: Iterable[ToldT]) -> list[ToldT]:
    """Those of a person's notifications that are about what they may read now, in their order.

    What no app keeps from anybody stays. A query or two for each kind of record.
    """
    told = list(told)
    asked: dict[str, dict[int, set[str]]] = {}
    for one in told:
        if one.record_kind in _sights and one.record_id is not None:
            asked.setdefault(one.record_kind, {}).setdefault(one.record_id, set()).add(one.relation)
    seen = {kind: _sights[kind](user, records) for kind, records in asked.items()}
    return [one for one in told if _is_seen(one, seen)]


def _is_seen(one: _Told, seen: dict[str, set[tuple[int, str]]]) -> bool:
    if one.record_id is None or one.record_kind not in seen:
        return True
    return (one.record_id, one.relation) in seen[one.record_kind]
