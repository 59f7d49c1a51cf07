"""Rows in and out by SQL that is made once per model, for the few statements that every request makes.

Django composes each statement anew, which costs several times what the database needs to answer it. What goes in and
comes out is the same as with `save()` and `get()`: every field's own conversions, none of the signals.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models.expressions import Col
from django.utils.functional import cached_property

from itsm.alike import with_keys
from itsm.prepared import Prepared

RowT = TypeVar("RowT", bound=models.Model)
# What stands in the `%s` places of a condition, or in its `%(name)s` places.
Given = Sequence[Any] | Mapping[str, Any]
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Shape:
    """`columns` as they are selected; `names` and `converters` in the same order."""

    columns: str
    names: tuple[str, ...]
    converters: tuple[tuple[int, Converter], ...]


def tell_columns_apart_quickly() -> None:
    """Django compares every selected column of an ordered query with its order, and looks up the parameters of its
    constructor for each: a third of the time in which a large statement is composed. The same answer without that."""
    told = cached_property(lambda column: (column.__class__, column.alias, column.target, column.output_field))
    told.__set_name__(Col, "identity")
    Col.identity = told  # type: ignore[method-assign, assignment]


def columns(model: type[models.Model], table: str = "") -> str:
    """Every column of the model, for a SELECT that joins several; `read` makes a record of them. `table`: what it is
    called there, where not by its own name."""
    return _of(table, model) if table else _shape(model).columns


def width(model: type[models.Model]) -> int:
    return len(_shape(model).names)


def read(model: type[RowT], values: Sequence[Any]) -> RowT:
    """The record of a row that was selected by `columns`."""
    shape, found = _shape(model), list(values)
    for place, convert in shape.converters:
        found[place] = convert(found[place])
    return model.from_db(connection.alias, shape.names, found)


def first(model: type[RowT], condition: str, parameters: Sequence[Any]) -> RowT | None:
    """The first row of this condition (SQL, which may end with an order), or None."""
    with connection.cursor() as cursor:
        _ask(cursor, model, _first(model, condition), parameters)
        values = cursor.fetchone()
    return None if values is None else read(model, values)


def joined(model: type[RowT], related: tuple[str, ...], condition: str, parameters: Given, **more: str) -> RowT | None:
    """The first row of this condition with what its foreign keys lead to, as `select_related` would; or None.

    `related`: paths such as "service" and, after it, "service__team". In SQL the row is `it`: in the condition, and in
    `more`, attributes of the record that are selected beside its columns.
    """
    return next(iter(every(model, related, f"{condition} LIMIT 1", parameters, **more)), None)


def every(model: type[RowT], related: tuple[str, ...], condition: str, parameters: Given, **more: str) -> list[RowT]:
    """All rows of this condition, which may end with an order, as `joined` reads one."""
    statement, parts = _joined(model, related)
    beside = "".join(f", {sql}" for sql in more.values())
    with connection.cursor() as cursor:
        _ask(cursor, model, statement.format(more=beside, condition=condition), parameters)
        return [_with_related(model, values, parts, more) for values in cursor.fetchall()]


def held(model: type[RowT], related: tuple[str, ...], key: Any, *, still: str = "") -> RowT | None:
    """The row with this key, locked until the transaction ends, with what its foreign keys lead to as it stands then.

    Rows that point to it may be added meanwhile. `still`: a condition on its columns that has to hold once it is
    locked. None where there is none.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A lock is held until the end of a transaction.")
    statement, parts = _joined(model, related, _locked_row(model, still))
    with connection.cursor() as cursor:
        _prepared(f"held_{model._meta.db_table}", statement.format(more="", condition="true")).run(cursor, {"p0": key})
        values = cursor.fetchone()
    return None if values is None else _with_related(model, values, parts, ())


@cache
def _locked_row(model: type[models.Model], still: str) -> str:
    """As a table of its own: what is joined to it follows the row as it was found once it was locked."""
    condition = f'"{model._meta.pk.column}" = %s{f" AND {still}" if still else ""}'
    return f"(SELECT * FROM {model._meta.db_table} WHERE {condition} FOR NO KEY UPDATE)"  # noqa: S608 - no input


@cache
def _first(model: type[models.Model], condition: str) -> str:
    return f"SELECT {columns(model)} FROM {model._meta.db_table} WHERE {condition} LIMIT 1"  # noqa: S608 - no input


def _ask(cursor: Any, model: type[models.Model], statement: str, parameters: Given) -> None:
    prepared = _prepared(model._meta.db_table, statement)
    places = parameters if isinstance(parameters, Mapping) else {f"p{n}": value for n, value in enumerate(parameters)}
    prepared.run(cursor, places)


@cache
def _prepared(word: str, statement: str) -> Prepared:
    """Conditions are words of the program: as many statements are kept as it has."""
    places = count()
    named = statement.replace("%%", "\0")
    named = "".join(part if part != "%s" else f"%(p{next(places)})s" for part in re.split(r"(%s)", named))
    return Prepared(word, named.replace("\0", "%%"))


def _with_related(
    model: type[RowT], values: Sequence[Any], parts: "list[tuple[str, Any, int]]", more: Iterable[str]
) -> RowT:
    beside = tuple(more)
    found: dict[str, Any] = {"": read(model, values[: width(model)])}
    for path, kind, start in parts:
        whose, _, name = path.rpartition("__")
        part = values[start : start + width(kind)]
        found[path] = None if found[whose] is None or part[0] is None else read(kind, part)
        if found[whose] is not None:
            found[whose]._meta.get_field(name).set_cached_value(found[whose], found[path])
    vars(found[""]).update(zip(beside, values[len(values) - len(beside) :], strict=True))
    record: RowT = found[""]
    return record


@cache
def _joined(
    model: type[models.Model], related: tuple[str, ...], source: str = ""
) -> tuple[str, list[tuple[str, Any, int]]]:
    """The statement with places for more columns and the condition, and each part: path, model, its first column.

    `source`: where its rows are, instead of its table.
    """
    kinds, selected, start = {"": model}, [_of("it", model)], width(model)
    tables = f"{source or model._meta.db_table} it"
    parts: list[tuple[str, Any, int]] = []
    for place, path in enumerate(related, start=1):
        whose, _, name = path.rpartition("__")
        field: Any = kinds[whose]._meta.get_field(name)
        kind, key = field.related_model, field.target_field.column
        above = f"r{related.index(whose) + 1}" if whose else "it"
        tables += f' LEFT JOIN {kind._meta.db_table} r{place} ON r{place}."{key}" = {above}."{field.column}"'
        kinds[path] = kind
        selected.append(_of(f"r{place}", kind))
        parts.append((path, kind, start))
        start += width(kind)
    return f"SELECT {', '.join(selected)}{{more}} FROM {tables} WHERE {{condition}}", parts  # noqa: S608 - no input


def _of(table: str, model: type[models.Model]) -> str:
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def insert(record: RowT, otherwise: str = "") -> RowT:
    """Store a new record, as `save(force_insert=True)` would. Returns it, with the key that the database gave.

    `otherwise`: an ON CONFLICT clause that updates the row which is there already.
    """
    kind = type(record)
    begin, place, end, fields = _insertion(kind, record.pk is None)
    with connection.cursor() as cursor:
        cursor.execute(f"{begin} {place} {otherwise} {end}", _values(fields, record, add=True))
        record.pk = cursor.fetchone()[0]
    record._state.adding, record._state.db = False, connection.alias
    return record


def insert_all(records: Sequence[RowT]) -> None:
    """Store new records of one model in one statement, as `bulk_create` would: with the keys that the database gave."""
    if not records:
        return
    kind = type(records[0])
    begin, values, end, fields = _insertion(kind, numbered=True)
    statement = f"{begin} {', '.join([values] * len(records))} {end}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for one in records for value in _values(fields, one, add=True)])
        for one, (key,) in zip(records, cursor.fetchall(), strict=True):
            one.pk = key
            one._state.adding, one._state.db = False, connection.alias


def update(record: models.Model, names: Iterable[str]) -> None:
    """Store these fields of a record, as `save(update_fields=names)` would. DoesNotExist where its row is gone."""
    kind = type(record)
    fields = [kind._meta.get_field(name) for name in with_keys(kind, names)]
    said = ", ".join(f'"{field.column}" = {_placeholder(field)}' for field in fields)  # type: ignore[union-attr]
    key = kind._meta.pk
    statement = f'UPDATE {kind._meta.db_table} SET {said} WHERE "{key.column}" = %s'  # noqa: S608 - no input
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values([(one, _unchanged(one)) for one in fields], record, add=False), record.pk])
        if cursor.rowcount != 1:
            raise kind.DoesNotExist(f"{kind.__name__} {record.pk} is gone.")  # type: ignore[attr-defined]


_Kept = tuple[Any, type | None]  # a field, and the class of its values that the driver takes as they are
_INTEGERS = (
    models.IntegerField, models.BigIntegerField, models.SmallIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.PositiveBigIntegerField, models.AutoField, models.BigAutoField,
)  # fmt: skip
_UNCHANGED: dict[type, type] = {
    **dict.fromkeys(_INTEGERS, int),
    **dict.fromkeys((models.CharField, models.TextField), str),
    models.BooleanField: bool,
    models.UUIDField: UUID,
    models.DateTimeField: type(None),  # an instant has to have its zone
}


def _values(fields: Iterable[_Kept], record: models.Model, *, add: bool) -> list[Any]:
    """What is stored of these fields, as `save()` finds it; most values need none of the ways that lead there."""
    found = []
    for field, unchanged in fields:
        if unchanged is not None:
            value = getattr(record, field.attname)
            if value is None or value.__class__ is unchanged:
                found.append(value)
                continue
        found.append(field.get_db_prep_save(field.pre_save(record, add), connection))
    return found


@cache
def _unchanged(field: Any) -> type | None:
    """Of fields of exactly these classes: whoever inherits from one may do more."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return None
    return _UNCHANGED.get(type(field.target_field if type(field) is models.ForeignKey else field))


@cache
def _insertion(model: type[models.Model], numbered: bool) -> tuple[str, str, str, tuple[_Kept, ...]]:
    """The statement around the places of one record's values, these, its end and the fields; `numbered`: the database
    gives the key."""
    fields = tuple(
        field
        for field in model._meta.concrete_fields
        if not (field.generated or field.has_db_default() or (numbered and field.primary_key))
    )
    listed = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_placeholder(field) for field in fields)
    key = model._meta.pk.column
    begin = f"INSERT INTO {model._meta.db_table} ({listed}) VALUES"
    return begin, f"({values})", f'RETURNING "{key}"', tuple((one, _unchanged(one)) for one in fields)


def _placeholder(field: Any) -> str:
    made: str = field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s"
    return made


@cache
def _shape(model: type[models.Model]) -> _Shape:
    table, fields = model._meta.db_table, model._meta.concrete_fields
    return _Shape(
        ", ".join(f'{table}."{field.column}"' for field in fields),
        tuple(field.attname for field in fields),
        tuple((place, found) for place, field in enumerate(fields) if (found := _converter(field))),
    )


def _converter(field: Any) -> Converter | None:
    """None where the driver's value is the field's."""
    found = field.get_db_converters(connection)
    if not found:
        return None

    def convert(value: Any) -> Any:
        for one in found:
            value = one(value, None, connection)
        return value

    return convert
