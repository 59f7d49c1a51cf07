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
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]
T = TypeVar("T")
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
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
    if kind in _AS_THEY_ARE:
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
        return lambda thing: [
            item if item.__class__ in _AS_THEY_ARE else _writer(item.__class__)(item) for item in thing
        ]
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    raise TypeError(f"{kind.__name__} has no canonical form")


def _dataclass_writer(kind: Any) -> Callable[[Any], Any]:
    names = tuple(each.name for each in fields(kind))
    came_later = frozenset(each.name for each in fields(kind) if each.metadata.get(LATER) is True)
    values = attrgetter(*names) if len(names) > 1 else lambda thing: [getattr(thing, name) for name in names]

    def write(thing: Any) -> dict[str, Any]:
        found = {
            name: value if (kind := value.__class__) in _AS_THEY_ARE else _writer(kind)(value)
            for name, value in zip(names, values(thing), strict=True)
        }
        for name in came_later:
            if found[name] is None:
                del found[name]
        return found

    return write


# Made once: json.dumps makes one of these for each call.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical_text(plain: Any) -> str:
    """JSON with sorted keys and no spaces, in ASCII: one text for one value. ValueError for NaN and infinity."""
    return _ENCODER.encode(plain)


def sha256_of(plain: Any) -> str:
    """Hex SHA-256 of the canonical text of plain JSON."""
    return hashlib.sha256(canonical_text(plain).encode("ascii")).hexdigest()


def from_json(kind: type[T], plain: Any) -> T:
    """Read `plain` as `kind` (a dataclass). Raises Malformed."""
    shape: Any = kind
    try:
        thing: T = _known_reader(shape)(plain)
    except _Wrong as wrong:
        raise Malformed(f"{kind.__name__.lower()}{wrong.path}: {wrong.sentence}") from wrong
    except RecursionError as too_deep:
        raise Malformed("nested too deeply") from too_deep
    return thing


class _Wrong(Exception):
    """What is wrong with a value, and where: the path grows on the way out, so that reading what is right builds none.

    No ValueError: what a dataclass says of its own values is one.
    """

    def __init__(self, sentence: str, path: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.path = sentence, path

    def below(self, step: str) -> "_Wrong":
        """The same, seen from one step above."""
        self.path = step + self.path
        return self


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


_known_reader = cache(_reader)


def _tuple_reader(inner: Any) -> Reader:
    item = _reader(inner)

    def read(plain: Any) -> Any:
        if not isinstance(plain, list):
            raise _Wrong("a list is needed")
        found: list[Any] = []
        try:
            for each in plain:
                found.append(item(each))  # noqa: PERF401 - its length says where it went wrong
        except _Wrong as wrong:
            raise wrong.below(f"[{len(found)}]") from None
        return tuple(found)

    return read


def _optional_reader(inner: Any) -> Reader:
    some = _reader(inner)
    return lambda plain: None if plain is None else some(plain)


def _mapping_reader(key_kind: Any, inner: Any) -> Reader:
    item, key = _reader(inner), _reader(key_kind)

    def read(plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise _Wrong("an object is needed")
        found = {}
        for name, each in plain.items():
            told = key(name)
            try:
                found[told] = item(each)
            except _Wrong as wrong:
                raise wrong.below(f".{name}") from None
        return found

    return read


@cache
def _dataclass_reader(kind: Any) -> Reader:
    shape = get_origin(kind) or kind
    argument = get_args(kind)
    hints = get_type_hints(shape)
    # By name: the name itself as the class has it, which Python finds sooner than an equal one that was read just now;
    # the classes of what is taken as it is; who reads all else.
    steps: dict[str, tuple[str, frozenset[type], Reader]] = {}
    needed: set[str] = set()
    for each in fields(shape):
        hint = argument[0] | None if argument and each.name == "value" else hints[each.name]
        steps[each.name] = each.name, _taken(hint), _reader(hint)
        if each.default is MISSING and each.default_factory is MISSING:
            needed.add(each.name)

    def read(plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise _Wrong("an object is needed")
        if not plain.keys() <= steps.keys():
            raise _Wrong("unknown field", f".{next(name for name in plain if name not in steps)}")
        if not needed <= plain.keys():
            raise _Wrong("missing", f".{min(needed - plain.keys())}")
        found, name = {}, ""
        try:
            for name, value in plain.items():
                own, taken, reader = steps[name]
                found[own] = value if type(value) in taken else reader(value)
        except _Wrong as wrong:
            raise wrong.below(f".{name}") from None
        try:
            return shape(**found)
        except ValueError as refused:
            if type(refused) is not ValueError:  # it has its own name and its own paths
                raise
            raise _Wrong(str(refused)) from refused

    return read


def _taken(kind: Any) -> frozenset[type]:
    """The classes of what is read as `kind` and stands there as it is: most of all that is written."""
    if get_origin(kind) in (Union, types.UnionType):
        return frozenset({type(None)}).union(*map(_taken, get_args(kind)))
    return frozenset({kind} & {str, int, bool})


def _plain_reader(kind: Any) -> Reader:
    if kind is Decimal:
        return _decimal
    if kind in (datetime, date):
        return lambda plain: _instant(kind, plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda plain: _member(kind, plain)

    def read(plain: Any) -> Any:
        if type(plain) is not kind:  # `is`, because True is an int
            raise _Wrong(f"{kind.__name__} is needed")
        return plain

    return read


def _decimal(plain: Any) -> Decimal:
    try:
        return Decimal(plain if isinstance(plain, str) else "not a string")
    except InvalidOperation:
        raise _Wrong("a decimal as a string is needed") from None


def _instant(kind: type[date], plain: Any) -> date:
    try:
        return kind.fromisoformat(plain)
    except (ValueError, TypeError):
        raise _Wrong(f"an ISO 8601 {kind.__name__} is needed") from None


def _member(kind: type[Enum], plain: Any) -> Enum:
    try:
        return kind(plain)
    except ValueError:
        raise _Wrong(f"one of {', '.join(str(each.value) for each in kind)} is needed") from None
