"""Pages of a list by key, not by number: the same cost everywhere, and no count of a huge table."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list; `after` and `before` are the keys by which the neighbours are asked for."""

    rows: list[Any]
    after: str
    before: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paged(rows: QuerySet[Any], params: Mapping[str, str], order: Sequence[str] = ("-id",), size: int = SIZE) -> Page:
    """The page that ?after= or ?before= asks for. `order` names columns and ends with a unique one."""
    backwards = "before" in params
    key = _read(params.get("before" if backwards else "after", ""), len(order))
    columns = [_flipped(column) for column in order] if backwards else list(order)
    found = list((rows.filter(_beyond(columns, key)) if key else rows).order_by(*columns)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (_key(found[0], order), _key(found[-1], order)) if found else ("", "")
    return Page(
        found, after=last if more or backwards else "", before=first if (key and (more or not backwards)) else ""
    )


class Counted(str):
    """How many as people read it, with the `number` that the words beside it follow."""

    __slots__ = ("number",)
    number: int

    def __new__(cls, number: int, limit: int) -> "Counted":
        made = super().__new__(cls, f"{limit}+" if number > limit else number)
        made.number = number
        return made


def at_most(rows: QuerySet[Any], limit: int = 50) -> Counted:
    """How many, counted no further than the limit: "7", "50+"."""
    return Counted(rows.order_by()[: limit + 1].count(), limit)


def _flipped(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _beyond(columns: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows that come later in this order than the key: (a > x) or (a = x and b > y) ..."""
    found, equal = Q(), Q()
    for column, value in zip(columns, key, strict=True):
        name = column.lstrip("-")
        found |= equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return found


def _key(row: Any, order: Sequence[str]) -> str:
    values = [getattr(row, column.lstrip("-")) for column in order]
    return urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _read(text: str, length: int) -> list[Any] | None:
    """The key's values; None for one that was cut or made up: the list then starts at its beginning."""
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    fits = isinstance(values, list) and len(values) == length and all(isinstance(v, str | int) for v in values)
    return values if fits else None
