"""Evidence, policies and verdicts as canonical JSON, and back, and their SHA-256.

Promise: what is written reads back equal, field by field; two equal things give the same bytes on every machine and
Python version; floats never appear. Keys are sorted, Decimals are strings as written, instants are UTC with "Z".
Reading is strict: an unknown or missing field, or a value of another type, is a `Malformed` with its path.
"""

import hashlib
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any, str], Any]
T = TypeVar("T")
# In a field's metadata: it came after decisions were kept. Where it is None it is left out, so that what was written
# before it reads back, and hashes, as it did.
LATER = "came after decisions were kept"


class Malformed(ValueError):
    """JSON that does not have the shape; the message begins with the path."""


def to_json(thing: Any) -> Any:
    """Plain dicts, lists, strings, integers, booleans and None. Raises TypeError for anything without a form."""
    return _writer(thing.__class__)(thing)


@cache
def _writer(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, Enum):
        return lambda thing: str(thing.value)
    if kind in (str, int, bool, type(None)):
        return lambda thing: thing
    if issubclass(kind, Decimal):
        return str
    if issubclass(kind, datetime):
        return lambda thing: thing.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if issubclass(kind, date):
        return lambda thing: thing.isoformat()
    if issubclass(kind, Mapping):
        return lambda thing: {str(key): _writer(value.__class__)(value) for key, value in thing.items()}
    if issubclass(kind, list | tuple):
        return lambda thing: [_writer(item.__class__)(item) for item in thing]
    if is_dataclass(kind):
        return _dataclass_writer(tuple((each.name, each.metadata.get(LATER) is True) for each in fields(kind)))
    raise TypeError(f"{kind.__name__} has no canonical form")


def _dataclass_writer(names: tuple[tuple[str, bool], ...]) -> Callable[[Any], Any]:
    def write(thing: Any) -> dict[str, Any]:
        found = {}
        for name, came_later in names:
            value = getattr(thing, name)
            if value is not None or not came_later:
                found[name] = _writer(value.__class__)(value)
        return found

    return write


def canonical_text(plain: Any) -> str:
    """JSON with sorted keys and no spaces, in ASCII: one text for one value. ValueError for NaN and infinity."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sha256_of(plain: Any) -> str:
    """Hex SHA-256 of the canonical text of plain JSON."""
    return hashlib.sha256(canonical_text(plain).encode("ascii")).hexdigest()


def from_json(kind: type[T], plain: Any) -> T:
    """Read `plain` as `kind` (a dataclass). Raises Malformed."""
    try:
        thing: T = _reader(kind)(plain, kind.__name__.lower())
    except RecursionError as too_deep:
        raise Malformed("nested too deeply") from too_deep
    return thing


def _reader(kind: Any) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _tuple_reader(inner[0])
    if origin in (Union, types.UnionType):
        return _optional_reader(next(each for each in inner if each is not type(None)))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_reader(*inner)
    if is_dataclass(origin or kind):
        return _dataclass_reader(kind)
    return _plain_reader(kind)


def _tuple_reader(inner: Any) -> Reader:
    item = _reader(inner)

    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, list):
            raise Malformed(f"{path}: a list is needed")
        return tuple(item(each, f"{path}[{index}]") for index, each in enumerate(plain))

    return read


def _optional_reader(inner: Any) -> Reader:
    some = _reader(inner)
    return lambda plain, path: None if plain is None else some(plain, path)


def _mapping_reader(key_kind: Any, inner: Any) -> Reader:
    item, key = _reader(inner), _reader(key_kind)

    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, dict):
            raise Malformed(f"{path}: an object is needed")
        return {key(name, path): item(each, f"{path}.{name}") for name, each in plain.items()}

    return read


@cache
def _dataclass_reader(kind: Any) -> Reader:
    shape = get_origin(kind) or kind
    argument = get_args(kind)
    hints = get_type_hints(shape)
    readers: dict[str, Reader] = {}
    needed: set[str] = set()
    for each in fields(shape):
        hint = hints[each.name]
        readers[each.name] = _optional_reader(argument[0]) if argument and each.name == "value" else _reader(hint)
        if each.default is MISSING and each.default_factory is MISSING:
            needed.add(each.name)

    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, dict):
            raise Malformed(f"{path}: an object is needed")
        for name in plain:
            if name not in readers:
                raise Malformed(f"{path}.{name}: unknown field")
        for name in sorted(needed - plain.keys()):
            raise Malformed(f"{path}.{name}: missing")
        try:
            return shape(**{name: readers[name](value, f"{path}.{name}") for name, value in plain.items()})
        except ValueError as refused:
            if type(refused) is not ValueError:  # it has its own name and its own paths
                raise
            raise Malformed(f"{path}: {refused}") from refused

    return read


def _plain_reader(kind: Any) -> Reader:
    if kind is Decimal:
        return _decimal
    if kind in (datetime, date):
        return lambda plain, path: _instant(kind, plain, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda plain, path: _member(kind, plain, path)

    def read(plain: Any, path: str) -> Any:
        if type(plain) is not kind:  # `is`, because True is an int
            raise Malformed(f"{path}: {kind.__name__} is needed")
        return plain

    return read


def _decimal(plain: Any, path: str) -> Decimal:
    try:
        return Decimal(plain if isinstance(plain, str) else "not a string")
    except InvalidOperation:
        raise Malformed(f"{path}: a decimal as a string is needed") from None


def _instant(kind: type[date], plain: Any, path: str) -> date:
    try:
        return kind.fromisoformat(plain)
    except (ValueError, TypeError):
        raise Malformed(f"{path}: an ISO 8601 {kind.__name__} is needed") from None


def _member(kind: type[Enum], plain: Any, path: str) -> Enum:
    try:
        return kind(plain)
    except ValueError:
        raise Malformed(f"{path}: one of {', '.join(str(each.value) for each in kind)} is needed") from None
