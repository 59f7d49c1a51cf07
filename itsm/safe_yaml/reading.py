"""Bytes to values: YAML or JSON, whichever they are. What cannot be read is a Refused with its line, nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from django.utils.translation import gettext

from itsm.safe_yaml.scalars import Unfit, fit, resolve_number
from itsm.safe_yaml.trees import Bounds, Refused, build, build_each, too_deep, too_many

# libyaml where it is there: ten times as fast, the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# JSON is built before its values can be counted, and an empty list costs twenty times its three characters: counted by
# what stands before each value, this is at most some 120 MB.
_MOST_MARKS = 800_000


def text_of(content: bytes | str, bounds: Bounds) -> str:
    """The text, without a byte order mark. Raises Refused."""
    largest = bounds.largest
    if len(content) > largest:
        raise Refused("too-large", gettext("The file is larger than %d bytes.") % largest, 1)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        size = len(content) if isinstance(content, bytes) else len(text.encode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Refused("not-utf-8", gettext("The file is not UTF-8 text."), line) from error
    except UnicodeEncodeError as error:
        raise Refused("not-utf-8", gettext("The file is not UTF-8 text."), 1) from error
    if size > largest:
        raise Refused("too-large", gettext("The file is larger than %d bytes.") % largest, 1)
    return text.removeprefix("\ufeff")


def values_in(text: str, bounds: Bounds) -> list[Any]:
    """Every document that is not empty. Raises Refused: all or nothing."""
    found = _as_json(text, bounds)
    if found:
        return found
    with _said_by_yaml(text, bounds):
        return build(yaml.parse(text, Loader=_Loader), bounds)


def each_value_in(text: str, bounds: Bounds) -> Iterator[Any]:
    """Document by document: its value, or the Refused of that one alone. Raises Refused for the whole text."""
    found = _as_json(text, bounds)
    if found:
        yield from found
        return
    with _said_by_yaml(text, bounds):
        yield from build_each(yaml.parse(text, Loader=_Loader), bounds)


@contextmanager
def _said_by_yaml(text: str, bounds: Bounds) -> Iterator[None]:
    """Whatever YAML's reader raises, as a Refused."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem or error.context or "")
        if "nesting depth" in problem:  # newer readers stop by themselves
            raise too_deep(line, bounds) from error
        raise Refused("invalid-yaml", gettext("This is not YAML: %s.") % problem[:200], line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(0, error.position)) + 1
        raise Refused("invalid-text", gettext("This text has characters that cannot be kept."), line) from error
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: an escape beyond Unicode, which the parser hands to chr().
        raise Refused("invalid-yaml", gettext("This is not YAML."), 1) from error


def _as_json(text: str, bounds: Bounds) -> list[Any]:
    """The one value, numbers exact; [] for all that YAML's reader should look at. Raises Refused."""
    if text.lstrip()[:1] not in ("{", "["):
        return []
    if text.count(",") + text.count("[") + text.count("{") > _MOST_MARKS:
        raise too_many(1, bounds.most_in_json)
    try:
        value = parsed_json(text)
    except (ValueError, RecursionError):
        return []  # perhaps YAML's flow style; if not, YAML's reader says in which line
    if _is_unfit(value, bounds):
        return []
    return [value]


def parsed_json(text: str) -> Any:
    """The value. Raises Refused for numbers that JSON does not know or nobody means: they are never texts; ValueError
    for what is no JSON or names a key twice."""

    def number(written: str) -> Any:
        found = resolve_number(written)
        if found is None:
            line = text.count("\n", 0, text.find(written)) + 1
            message = gettext("%s is no number that is taken here; put a text into quotes.") % written[:40]
            raise Refused("unreadable-number", message, line)
        return found

    return json.loads(text, object_pairs_hook=_object, parse_int=number, parse_float=number, parse_constant=number)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _is_unfit(value: Any, bounds: Bounds) -> bool:
    """Deeper or larger than we take, or with text that cannot be kept."""
    level, seen = [value], 0
    for depth in range(bounds.deepest + 1):
        if depth == bounds.deepest and any(isinstance(one, dict | list) for one in level):
            return True
        seen += len(level)
        if seen > bounds.most_in_json:
            return True
        try:
            level = [child for one in level for child in _children(one)]
        except Unfit:
            return True
    return False


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str):
        fit(value)
