"""Statements that the database parses and plans once per connection, for the few large ones that every question asks.

Planning the statements of one evaluation took PostgreSQL three times as long as answering them. The driver knows no
prepared statements of its own; `PREPARE` and `EXECUTE` do. PostgreSQL itself compares a general plan with those made
for the values at hand and keeps planning where the general one would be dearer, so a grown table costs no scan.
Behind a pooler that changes connections between transactions: HEADROOM_PREPARED_STATEMENTS=off. Names tell their texts,
so that whoever forgets it gets errors there, and never the answer to another question.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from sys import intern
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.postgresql.psycopg_any import Jsonb

_PLACE = re.compile(r"%\((\w+)\)s")
_PLACE_IN_ORDER = re.compile(r"%([s%])")
# What differs from reader to reader. All else stands in the statement, where the planner holds partial indexes to it.
_TYPES: dict[type, str] = {int: "bigint", datetime: "timestamptz", Jsonb: "jsonb"}
# A connection that knows so many forgets them all: plans are memory of the database, 200 kB of a list of incidents.
_MOST_KNOWN = 200
# What PostgreSQL says of one that it does not know, and of one whose columns a migration changed meanwhile.
_NO_LONGER = {"26000", "0A000"}
_LONGEST_WORD = 46  # of a name's 63 signs


class Prepared:
    """One SELECT with `%(name)s` places. `types`: the SQL type of a place where PostgreSQL cannot tell it by itself.

    `word` begins its name.
    """

    def __init__(self, word: str, text: str, **types: str) -> None:
        self.name, self.text = _name(word, f"{text}{types}"), text
        places = list(dict.fromkeys(_PLACE.findall(text)))
        numbers = {place: f"${number}" for number, place in enumerate(places, start=1)}
        self._places = tuple(places)
        given = _in_brackets([types.get(place, "unknown") for place in places])
        body = _PLACE.sub(lambda found: numbers[found[1]], text).replace("%%", "%")
        self._prepare = f"PREPARE {self.name}{given} AS {body}"
        self._execute = f"EXECUTE {self.name}{_in_brackets([f'%({place})s' for place in places])}"

    def ready(self, cursor: Any) -> str:
        """What to execute with the same values: the text itself, or the call of what this connection has prepared."""
        if not settings.PREPARED_STATEMENTS:
            return self.text
        _ready(cursor, self.name, self._prepare)
        return self._execute

    def run(self, cursor: Any, given: Mapping[str, Any]) -> None:
        """Execute it with these values, of which it may use some only; the cursor then holds the answer."""
        values = {place: given[place] for place in self._places}
        if settings.PREPARED_STATEMENTS:
            _run(cursor, self.name, self._prepare, self._execute, values)
        else:
            cursor.execute(self.text, values)


class InOrder:
    """One SELECT as Django composes it, with `%s` places, and what stands in them.

    All statements that differ in numbers, instants and JSON only are one to the database.
    """

    __slots__ = ("_execute", "_name", "_places", "_prepare", "_text", "_whole")

    def __init__(self, text: str, given: Sequence[Any]) -> None:
        self._text, self._whole = intern(text), tuple(given)
        places = iter(given)
        types: list[str] = []
        values: list[Any] = []

        def stands(found: re.Match[str]) -> str:
            if found[1] == "%":
                return "%"
            value = next(places)
            if type(value) not in _TYPES:
                with connection.cursor() as cursor:
                    written: bytes = cursor.mogrify("%s", [value])
                return written.decode()
            types.append(_TYPES[type(value)])
            values.append(value)
            return f"${len(values)}"

        body = _PLACE_IN_ORDER.sub(stands, text)
        self._name, self._prepare, self._execute = _shaped(f"{_in_brackets(types)} AS {body}", len(values))
        self._places = tuple(values)

    @property
    def given(self) -> tuple[Any, ...]:
        """What `run` may be given otherwise: the numbers, instants and JSON, in their order."""
        return self._places

    def run(self, cursor: Any, given: Sequence[Any]) -> None:
        """Execute it with these; the cursor then holds the answer."""
        if not settings.PREPARED_STATEMENTS:
            cursor.execute(self._text, self._with(given))
            return
        _run(cursor, self._name, self._prepare, self._execute, given)

    def _with(self, given: Sequence[Any]) -> list[Any]:
        values = iter(given)
        return [next(values) if type(one) in _TYPES else one for one in self._whole]


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


@lru_cache(maxsize=_MOST_KNOWN)
def _shaped(shape: str, places: int) -> tuple[str, str, str]:
    """Its name, how it is prepared and how executed: the same texts for all that are alike."""
    name = _name("in_order", shape)
    return name, f"PREPARE {name}{shape}", f"EXECUTE {name}{_in_brackets(['%s'] * places)}"


def _name(word: str, text: str) -> str:
    return f"{word[:_LONGEST_WORD]}_{sha256(text.encode()).hexdigest()[:16]}"


def _run(cursor: Any, name: str, prepare: str, execute: str, given: Any) -> None:
    """Where it is good no longer, prepare anew and ask again; in a transaction, which that has ended, let the next
    request have a connection that knows nothing."""
    known = _known()
    if name not in known and len(known) >= _MOST_KNOWN:
        _forget(cursor)
    _ready(cursor, name, prepare)
    try:
        cursor.execute(execute, given)
    except DatabaseError as error:
        if not _is_good_no_longer(error) or connection.in_atomic_block:
            raise
        _forget(cursor)
        _ready(cursor, name, prepare)
        cursor.execute(execute, given)


def run_together(cursor: Any, statements: Sequence[Prepared], given: Mapping[str, Any]) -> None:
    """Several in one message, in a transaction; the cursor then holds the answer of the last."""
    message = ";".join(one.ready(cursor) for one in statements)
    try:
        cursor.execute(message, given)
    except DatabaseError as error:
        _is_good_no_longer(error)
        raise


def _is_good_no_longer(error: DatabaseError) -> bool:
    """A connection whose transaction this has ended is not used for another request."""
    if getattr(error.__cause__, "pgcode", None) not in _NO_LONGER:
        return False
    if connection.in_atomic_block:
        connection.close_at = 0
    return True


def _forget(cursor: Any) -> None:
    with connection.wrap_database_errors:
        cursor.cursor.execute("DEALLOCATE ALL")
    _known().clear()


def _ready(cursor: Any, name: str, prepare: str) -> None:
    known = _known()
    if name not in known:
        with connection.wrap_database_errors:
            # Below Django's cursor: made once per connection, it is no statement of the question that came first.
            cursor.cursor.execute(prepare)
        known.add(name)


def _known() -> set[str]:
    """The names that this very connection has prepared: a new one knows none. Preparing is not rolled back."""
    mine = vars(connections[DEFAULT_DB_ALIAS])  # of this thread
    if mine.get("_prepared_on") is not mine["connection"]:
        mine["_prepared_on"], mine["_prepared"] = mine["connection"], set()
    known: set[str] = mine["_prepared"]
    return known
