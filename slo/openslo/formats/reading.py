"""Text to documents: YAML or JSON; one object, a list of objects, or several documents after `---`.

Nothing here raises for what a file contains: what cannot be read is a finding with its line.
"""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from django.utils.translation import gettext

from slo.openslo.formats.definitions import DocumentRef, Finding
from slo.openslo.formats.documents import Document
from slo.openslo.formats.scalars import Unfit, fit, resolve_number
from slo.openslo.formats.trees import DEEPEST, MAX_NODES, Refused, build

LARGEST_BYTES = 2_000_000
MAX_DOCUMENTS = 5_000  # of one file
MAX_NODES_IN_A_REQUEST = 60_000  # what is read within a second or so; some eight hundred objectives
# libyaml where it is there: ten times as fast, the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def documents_of(file: str, content: bytes | str, most_nodes: int = MAX_NODES) -> tuple[list[Document], list[Finding]]:
    """The documents of one file; none and one finding when any part of it cannot be read."""
    try:
        values = _values(_text(content), most_nodes)
        flat = [one for value in values for one in (value if isinstance(value, list) else [value]) if one is not None]
        if len(flat) > MAX_DOCUMENTS:
            raise Refused("too-large", gettext("This has more than %d documents.") % MAX_DOCUMENTS, 1)
    except Refused as refused:
        return [], [_finding(file, refused)]
    return [Document(DocumentRef(file, index), value) for index, value in enumerate(flat)], []


def json_problem(file: str, content: bytes) -> Finding | None:
    """Why this is no JSON, for who says that it is: YAML's reader would take `{"name": tru}` for a text."""
    try:
        _parsed(_text(content) or "null")
    except Refused as refused:
        return _finding(file, refused)
    except RecursionError:
        return _finding(file, Refused("too-deep", gettext("This is nested deeper than %d levels.") % DEEPEST, 1))
    except json.JSONDecodeError as error:
        return _finding(file, Refused("invalid-json", gettext("This is not JSON: %s.") % error.msg, error.lineno))
    except ValueError:
        return _finding(file, Refused("invalid-json", gettext("A name occurs twice in one object."), 1))
    return None


def _finding(file: str, refused: Refused) -> Finding:
    message = gettext("Line %(line)d: %(problem)s") % {"line": refused.line, "problem": refused.message}
    return Finding(str(DocumentRef(file, 0)), "", refused.rule, message, "error")


def _text(content: bytes | str) -> str:
    if len(content) > LARGEST_BYTES:
        raise Refused("too-large", gettext("The file is larger than %d bytes.") % LARGEST_BYTES, 1)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        encoded = text.encode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Refused("not-utf-8", gettext("The file is not UTF-8 text."), line) from error
    except UnicodeEncodeError as error:
        raise Refused("not-utf-8", gettext("The file is not UTF-8 text."), 1) from error
    if len(encoded) > LARGEST_BYTES:
        raise Refused("too-large", gettext("The file is larger than %d bytes.") % LARGEST_BYTES, 1)
    return text.removeprefix("\ufeff")


def _values(text: str, most_nodes: int) -> list[Any]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return [_json(text, most_nodes)]
        except (ValueError, RecursionError):
            pass  # perhaps YAML's flow style; if not, YAML's reader says in which line
    try:
        return build(yaml.parse(text, Loader=_Loader), most_nodes)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem or error.context or "")
        if "nesting depth" in problem:  # newer readers stop by themselves
            raise Refused("too-deep", gettext("This is nested deeper than %d levels.") % DEEPEST, line) from error
        raise Refused("invalid-yaml", gettext("This is not YAML: %s.") % problem[:200], line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(0, error.position)) + 1
        raise Refused("invalid-text", gettext("This text has characters that cannot be kept."), line) from error
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: an escape beyond Unicode, which the parser hands to chr().
        raise Refused("invalid-yaml", gettext("This is not YAML."), 1) from error


def _json(text: str, most_nodes: int) -> Any:
    """The value, numbers exact. Raises Refused, and ValueError for all that YAML's reader should look at."""
    value = _parsed(text)
    if _too_much(value, most_nodes):
        raise ValueError
    return value


def _parsed(text: str) -> Any:
    """Raises Refused for numbers that JSON does not know or nobody means: they are never texts."""

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


def _too_much(value: Any, most_nodes: int) -> bool:
    """Deeper or larger than we take, or with text that cannot be kept."""
    level, seen = [value], 0
    for depth in range(DEEPEST + 1):
        if depth == DEEPEST and any(isinstance(one, dict | list) for one in level):
            return True
        seen += len(level)
        if seen > most_nodes:
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
