"""SELECTs that Django composes once for all who ask alike, and that the database plans once per connection.

Composing a statement takes Django ten times what the database takes to answer it, and its plan four times. `@composed`
stands over a function that makes a queryset of plain values: everything that the statement depends on. It can depend
on nothing else by mistake: while it is composed, the database is not asked, and of instants there is only NOW.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, wraps
from sys import intern
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone

from itsm.prepared import InOrder

RowT = TypeVar("RowT", bound=models.Model)
# The instant at which it is asked, and what is some time after it.
NOW = datetime(1, 1, 1, tzinfo=UTC)
# The record that is asked about, and who reads it: keys that are said when it is asked. None is as large.
THIS, READER = 2**62 + 1, 2**62 + 2
_LAST = datetime(2, 1, 1, tzinfo=UTC)
# Of each function: several lists of as many readers as are at work. Two kilobytes each, and more for who may not see
# many queues: 6 of a list where 20 of 60 are hidden, and 30 of macros, which must not name one of these.
_MOST = 2000


class Composed(Generic[RowT]):
    """The statement of a queryset. ValueError for one that reads more than one statement, or an instant."""

    def __init__(self, asked: "models.QuerySet[RowT, Any]") -> None:
        if asked._prefetch_related_lookups or asked.query.annotation_select:  # type: ignore[attr-defined]
            raise ValueError("What is prefetched is another statement, and a record has its columns only.")
        compiler = asked.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, given = compiler.as_sql()
        except EmptyResultSet:  # nothing can be in it
            text, given = "", ()
        self.text = intern(text)
        self.given: tuple[Any, ...] = tuple(given)
        if any(isinstance(one, date) and not (isinstance(one, datetime) and one < _LAST) for one in given):
            raise ValueError("A kept statement names no instant but NOW.")
        self._statement = InOrder(self.text, self.given) if self.text else None
        self._made = _maker(asked, compiler) if self.text else None

    def rows(self, at: datetime | None = None) -> list[tuple[Any, ...]]:
        """As the database gives them, now or `at`."""
        return run(self._statement, at) if self._statement else []

    def rows_of(self, this: int, reader: int) -> list[tuple[Any, ...]]:
        """The same of a statement about THIS, as READER sees it."""
        if self._statement is None:
            return []
        keys = {THIS: this, READER: reader}
        given = [keys.get(one, one) if type(one) is int else one for one in self._statement.given]
        with connection.cursor() as cursor:
            self._statement.run(cursor, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def given_at(self, now: datetime) -> list[Any]:
        """What stands in the places of its text then."""
        return [_instant(one, now) if type(one) is datetime else one for one in self.given]

    def read(self, row: Sequence[Any]) -> RowT:
        """The record of such a row, with what is selected of its relations. TypeError where the rows are no records."""
        if self._made is None:
            raise TypeError("These rows are no records.")
        return self._made(row)

    def all(self, at: datetime | None = None) -> list[RowT]:
        return [self.read(row) for row in self.rows(at)]


def run(statement: InOrder, at: datetime | None = None) -> list[tuple[Any, ...]]:
    """The answer with the instant at which it is asked."""
    now = at or timezone.now()
    with connection.cursor() as cursor:
        statement.run(cursor, [_instant(one, now) if type(one) is datetime else one for one in statement.given])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _instant(one: datetime, now: datetime) -> datetime:
    return now + (one - NOW)


def composed(make: Callable[..., "models.QuerySet[RowT, Any]"]) -> Callable[..., Composed[RowT]]:
    """What `make` gives for these values, composed when it is first asked for. RuntimeError where `make` reads."""

    @lru_cache(maxsize=_MOST, typed=True)
    @wraps(make)
    def once(*asked: Any) -> Composed[RowT]:
        connection.ensure_connection()  # what a new one asks is none of the statement's
        with connection.execute_wrapper(_refused):
            return Composed(make(*asked))

    return once


def _refused(*_statement: Any) -> Any:
    raise RuntimeError("A statement that is kept depends on what it is given, not on what lies in the database.")


def _maker(asked: "models.QuerySet[RowT, Any]", compiler: Any) -> Callable[[Sequence[Any]], RowT] | None:
    """How Django makes a record of a row (`ModelIterable`)."""
    if asked._iterable_class is not ModelIterable:
        return None
    selected, told, model = compiler.select, compiler.klass_info, asked.model
    places = told["select_fields"]
    start, end = places[0], places[-1] + 1
    names = [one[0].target.attname for one in selected[start:end]]
    populators: Iterable[Any] = get_related_populators(told, selected, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    # Without the compiler: it holds the whole query, and the connection of the thread that composed it.
    converters = tuple(compiler.get_converters([one[0] for one in selected]).items())

    def made(row: Sequence[Any]) -> RowT:
        values = row
        if converters:
            values = list(row)
            for place, (each, expression) in converters:
                for convert in each:
                    values[place] = convert(values[place], expression, connection)
        record = model.from_db(DEFAULT_DB_ALIAS, names, values[start:end])
        for one in populators:
            one.populate(values, record)
        return record

    return made
