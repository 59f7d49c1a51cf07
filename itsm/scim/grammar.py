"""Filters and paths of SCIM (RFC 7644, 3.4.2.2 and 3.5.2), read into a tree. What is not of the grammar is refused.

Nothing here knows what may be asked about: that is an allow-list of whoever uses the tree (`filtering`, `patching`).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from itsm.scim.errors import ScimRefused, invalid_filter, invalid_path

LONGEST = 2000  # characters
MOST_TERMS = 50
DEEPEST = 10
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*")
      | (?P<number>-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?(?![\w.:-]))
      | (?P<word>[A-Za-z$](?:[\w$:.-]*[\w$-])?)
      | (?P<mark>[()\[\]])
      | (?P<after>\.(?=[A-Za-z$]))
    )""",
    re.VERBOSE | re.ASCII,
)
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Compared:
    """`attribute`: in small letters, without the name of the core schema (`name.familyname`). `pr` has no value."""

    attribute: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Within:
    """`emails[...]`: one and the same value of the attribute meets all of it."""

    attribute: str
    inner: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    """`word`: "and" or "or"."""

    word: str
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Negated:
    inner: "Node"


Node = Compared | Within | Joined | Negated


@dataclass(frozen=True, slots=True)
class Path:
    """What a part of a PATCH is about: `emails[type eq "work"].value` is (emails, a filter, value)."""

    attribute: str
    chosen: Node | None = None
    sub: str = ""


def parse_filter(text: str) -> Node:
    """Raises ScimRefused (invalidFilter)."""
    reader = _Reader(text, invalid_filter)
    found = reader.any_of(0)
    reader.require_end()
    return found


def parse_path(text: str) -> Path:
    """Raises ScimRefused (invalidPath)."""
    reader = _Reader(text, invalid_path)
    attribute = reader.attribute()
    chosen = None
    if reader.takes("mark", "["):
        chosen = reader.any_of(1)
        reader.needs("]")
        sub = reader.sub()
    else:
        attribute, _dot, sub = attribute.partition(".")
    reader.require_end()
    if not attribute or "." in sub:
        raise invalid_path(_("“%(path)s” is no path.") % {"path": text[:100]})
    return Path(attribute, chosen, sub)


class _Reader:
    """Reads from left to right; where it cannot go on it says where that was."""

    def __init__(self, text: str, refusal: Any) -> None:
        self._text, self._refusal = text, refusal
        if len(text) > LONGEST:
            raise refusal(_("That is longer than %(most)s characters.") % {"most": LONGEST})
        self._tokens = list(self._split())
        self._next = 0
        self._terms = 0

    def _split(self) -> Any:
        at = 0
        while self._text[at:].strip():
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._odd(at)
            kind = str(found.lastgroup)
            yield kind, found[kind], at
            at = found.end()

    def _odd(self, at: int) -> ScimRefused:
        refused: ScimRefused = self._refusal(
            _("It cannot be read from “%(rest)s” on.") % {"rest": self._text[at : at + 40].strip()}
        )
        return refused

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "", len(self._text))

    def takes(self, kind: str, *words: str) -> str:
        """The next token where it is of this kind and one of these words; "" else."""
        found, text, _at = self._peek()
        if found != kind or (words and text.lower() not in words):
            return ""
        self._next += 1
        return text

    def needs(self, mark: str) -> None:
        if not self.takes("mark", mark):
            raise self._odd(self._peek()[2])

    def require_end(self) -> None:
        if self._peek()[0] != "end":
            raise self._odd(self._peek()[2])

    def attribute(self) -> str:
        word = self.takes("word")
        if not word:
            raise self._odd(self._peek()[2])
        return bare(word)

    def sub(self) -> str:
        """What follows `]`: `.value`, or nothing."""
        if not self.takes("after"):
            return ""
        return self.attribute()

    def any_of(self, depth: int) -> Node:
        return self._joined("or", depth, lambda: self._joined("and", depth, lambda: self._one(depth)))

    def _joined(self, word: str, depth: int, part: Any) -> Node:
        parts = [part()]
        while self.takes("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self, depth: int) -> Node:
        self._terms += 1
        if depth > DEEPEST or self._terms > MOST_TERMS:
            raise self._refusal(_("That is too long, or nested too deeply, to be answered."))
        if self.takes("word", "not"):
            self.needs("(")
            inner = self.any_of(depth + 1)
            self.needs(")")
            return Negated(inner)
        if self.takes("mark", "("):
            inner = self.any_of(depth + 1)
            self.needs(")")
            return inner
        attribute = self.attribute()
        if self.takes("mark", "["):
            inner = self.any_of(depth + 1)
            self.needs("]")
            return Within(attribute, inner)
        if self.takes("word", "pr"):
            return Compared(attribute, "pr")
        operator = self.takes("word", *OPERATORS).lower()
        if not operator:
            raise self._odd(self._peek()[2])
        return Compared(attribute, operator, self._value())

    def _value(self) -> Any:
        kind, text, at = self._peek()
        self._next += 1
        if kind == "text":
            said = json.loads(text)
            if "\0" in said or any("\ud800" <= sign <= "\udfff" for sign in said):
                raise self._odd(at)
            return said
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "word" and text.lower() in _CONSTANTS:
            return _CONSTANTS[text.lower()]
        raise self._odd(at)


_CORE = ("urn:ietf:params:scim:schemas:core:2.0:user:", "urn:ietf:params:scim:schemas:core:2.0:group:")


def bare(attribute: str) -> str:
    """In small letters (names do not differ by case), without the name of the core schema before it."""
    text = attribute.lower()
    for schema in _CORE:
        text = text.removeprefix(schema)
    return text
