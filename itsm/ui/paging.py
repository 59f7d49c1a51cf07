"""Pages of a list by key, not by number: the same cost everywhere, and no count of a huge table."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, ValidationError
from django.db import connection
from django.db.models import F, Field, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils import timezone

from itsm.composed import Composed, run
from itsm.prepared import InOrder

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
    """The page that ?after= or ?before= asks for. `order` names columns, all in one direction, and ends with a unique
    one: a page is then one row comparison, which walks an index of these columns from the key on at any depth.

    Raises ValueError for an order of two directions.
    """
    if len({column.startswith("-") for column in order}) != 1:
        raise ValueError(f"An order of pages has one direction: {', '.join(order)}")
    backwards = "before" in params
    key = _read(rows, params.get("before" if backwards else "after", ""), order)
    columns = [_flipped(column) for column in order] if backwards else list(order)
    found = list((rows.filter(_beyond(columns, key)) if key else rows).order_by(*columns)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (_key(found[0], order), _key(found[-1], order)) if found else ("", "")
    return Page(
        found, after=last if more or backwards else "", before=first if (key and (more or not backwards)) else ""
    )


def first_of(rows: Composed[Any], order: Sequence[str], at: datetime, size: int = SIZE) -> Page:
    """The first page as the database gives it, of a statement that reads one row more; its rows are not read."""
    found = rows.rows(at)
    return Page(found[:size], _key(rows.read(found[size - 1]), order) if len(found) > size else "", "")


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


def counts_at_most(lists: Mapping[str, QuerySet[Any] | Composed[Any]], limit: int = 50) -> dict[str, Counted]:
    """How many each of these lists holds, counted no further than the limit, in one statement.

    What is composed ends by itself, with one row more than the limit.
    """
    counts, now = dict.fromkeys(lists, Counted(0, limit)), timezone.now()
    parts = {name: rows if isinstance(rows, Composed) else _first(rows, limit) for name, rows in lists.items()}
    parts = {name: part for name, part in parts.items() if part.text}
    if not parts:
        return counts
    kept = tuple(part for part in parts.values() if isinstance(part, Composed))
    if len(kept) == len(parts):
        (found,) = run(_counting(kept), now)
    else:
        with connection.cursor() as cursor:
            cursor.execute(_counts(parts.values()), [one for part in parts.values() for one in part.given_at(now)])
            found = cursor.fetchone()
    return counts | {name: Counted(number, limit) for name, number in zip(parts, found, strict=True)}


class _Once(NamedTuple):
    """A statement for this time only."""

    text: str
    given: Sequence[Any]

    def given_at(self, _now: datetime) -> Sequence[Any]:
        return self.given


def _first(rows: QuerySet[Any], limit: int) -> _Once:
    try:
        return _Once(*rows.order_by().values("pk")[: limit + 1].query.sql_with_params())
    except EmptyResultSet:  # nothing can be in it
        return _Once("", ())


def _counts(parts: Iterable[Composed[Any] | _Once]) -> str:
    return f"SELECT {', '.join(f'(SELECT count(*) FROM ({one.text}) AS one)' for one in parts)}"  # noqa: S608 -- SQL that Django made


@lru_cache(maxsize=1000)
def _counting(parts: tuple[Composed[Any], ...]) -> InOrder:
    return InOrder(_counts(parts), [one for part in parts for one in part.given])


def _flipped(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _beyond(columns: Sequence[str], key: Sequence[Any]) -> TupleGreaterThan | TupleLessThan:
    """Rows that come later in this order than the key: (a, b) > (x, y)."""
    comparison = TupleLessThan if columns[0].startswith("-") else TupleGreaterThan
    return comparison(Tuple(*(F(column.lstrip("-")) for column in columns)), tuple(key))


def _key(row: Any, order: Sequence[str]) -> str:
    values = [getattr(row, column.lstrip("-")) for column in order]
    return urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _read(rows: QuerySet[Any], text: str, order: Sequence[str]) -> list[Any] | None:
    """The key's values; None for one that was cut or made up: the list then starts at its beginning."""
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != len(order):
        return None
    try:
        return [_as_kept(rows, column.lstrip("-"), value) for column, value in zip(order, values, strict=True)]
    except ValidationError:
        return None


def _as_kept(rows: QuerySet[Any], column: str, value: Any) -> Any:
    """A value of the key as its column holds it. Raises ValidationError for what it could not hold."""
    if not isinstance(value, str | int | float) or "\0" in str(value):
        raise ValidationError("no value")
    field = _field(rows, column)
    kept = field.to_python(value)
    field.run_validators(kept)
    return kept


def _field(rows: QuerySet[Any], column: str) -> "Field[Any, Any]":
    """The field of a column or of an annotation."""
    if (annotation := rows.query.annotations.get(column)) is not None:
        field: Field[Any, Any] = annotation.output_field
        return field
    if column == "pk":
        column = rows.model._meta.pk.name
    found = rows.model._meta.get_field(column)
    if not isinstance(found, Field):
        raise FieldDoesNotExist(column)
    return found
