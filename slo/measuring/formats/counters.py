"""Queries of ever-growing counters: asked for the growth of each series, before anything is summed.

A sum of counters falls when one of its members leaves, which looks like a counter that began anew; so the
difference of two sums invents events. `sum(x)` is therefore asked as `sum(increase(x[1m]))`: each series by
itself, inside Prometheus, which knows when a counter began anew. What is no plain sum of counters cannot be
rewritten without guessing, and is refused with a sentence how to write it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<number>(?:0x[0-9a-f]+|\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![a-z_0-9:.]))
      | (?P<duration>\d+[a-z]\w*)
      | (?P<word>[a-z_:][\w:]*)
      | (?P<operator>[=!]=|[<>]=?|[-+*/%^(),@])
      | (?P<matchers>\{(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[^{}"'`])*\})
      | (?P<range>\[[^\]]*\])""",
    re.VERBOSE | re.IGNORECASE | re.ASCII | re.DOTALL,
)
_GROWTH = frozenset(("rate", "irate", "increase", "delta", "idelta", "deriv"))
_LISTS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
_SUMS, _EITHER, _OFFSET, _CONSTANT = "sum", "or", "offset", "vector"
_OTHER_WORDS = frozenset(("and", "unless", "atan2", "bool"))


class NotCounters(Exception):
    """Raised for a query that is no sum of counters. Its text is a sentence for people."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


_END = _Token("end", "", 0, 0)


def increases(query: str, minutes: int = 1) -> str:
    """The query with every counter `x` as `increase(x[minutes])`. Raises NotCounters where that is not certain."""
    tokens = list(_tokens(query))
    pieces, done, place = [], 0, 0
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "matchers" or (token.kind == "word" and _is_metric(tokens, place)):
            place, inner, whole = _selector(query, tokens, place)
            pieces += [query[done : token.start], f"increase({inner}[{minutes}m]{whole})"]
            done = tokens[place - 1].end
            continue
        place = _checked(tokens, place)
    if not pieces:
        raise NotCounters(_refused(gettext("no counter")))
    return "".join([*pieces, query[done:]])


def _tokens(query: str) -> Iterator[_Token]:
    place = 0
    while place < len(query):
        found = _TOKEN.match(query, place)
        if found is None or found.lastgroup is None:
            raise NotCounters(_refused(f"“{query[place : place + 10]}”"))
        if found.lastgroup != "space":
            yield _Token(found.lastgroup, found[0], place, found.end())
        place = found.end()


def _at(tokens: list[_Token], place: int) -> _Token:
    return tokens[place] if 0 <= place < len(tokens) else _END


def _is_metric(tokens: list[_Token], place: int) -> bool:
    word = tokens[place].word
    return _at(tokens, place + 1).text != "(" and word not in {_SUMS, _EITHER, _OFFSET, *_LISTS, *_OTHER_WORDS}


def _selector(query: str, tokens: list[_Token], place: int) -> tuple[int, str, str]:
    """(place behind it, the selector, its modifiers): a name, matchers or both, then offset or @."""
    first = last = tokens[place]
    if ":" in first.text and first.kind == "word":
        what = gettext("the recorded series %s, which may be a sum already") % first.text[:80]
        raise NotCounters(_refused(what))
    place += 1
    if first.kind == "word" and _at(tokens, place).kind == "matchers":
        last, place = tokens[place], place + 1
    inner = query[first.start : last.end]
    if _at(tokens, place).kind == "range":
        raise NotCounters(_refused(gettext("a range %s") % tokens[place].text[:20]))
    behind = place
    while (found := _at(tokens, behind)).word == _OFFSET or found.text == "@":
        behind += 2 if _at(tokens, behind + 1).text != "-" else 3
    modifiers = "" if behind == place else f" {query[tokens[place].start : _at(tokens, behind - 1).end]}"
    return behind, inner, modifiers


def _checked(tokens: list[_Token], place: int) -> int:
    """The place behind what may stand around counters without changing what their growth means."""
    token, before, after = tokens[place], _at(tokens, place - 1), _at(tokens, place + 1)
    if token.word in _LISTS:
        return _behind_list(tokens, place + 1)
    if token.word == _CONSTANT and [one.text for one in tokens[place + 1 : place + 4]] == ["(", "0", ")"]:
        return place + 4
    if token.word in {_SUMS, _EITHER} or token.text in {"(", ")", "+", "-"}:
        return place + 1
    by_number = (token.text == "*" and before.kind == "number") or (token.text in {"*", "/"} and after.kind == "number")
    if by_number or (token.kind == "number" and (before.text in {"*", "/"} or after.text == "*")):
        return place + 1
    if token.word in _GROWTH:
        raise NotCounters(
            gettext(
                "%(word)s gives growth already, and “counter” would take the growth of that once more: say that the "
                "queries are no counters, or name the counters without %(word)s."
            )
            % {"word": token.word}
        )
    raise NotCounters(_refused(f"“{token.text[:40]}”"))


def _behind_list(tokens: list[_Token], place: int) -> int:
    """Behind the labels in brackets, where there are any."""
    if _at(tokens, place).text != "(":
        return place
    while place < len(tokens) and tokens[place].text != ")":
        place += 1
    return place + 1


def _refused(what: str) -> str:
    return gettext(
        "With “counter” a query is a sum of counters, such as sum(requests_total), whose growth is asked for series "
        "by series. This one has %(what)s: write the events of a minute instead, such as "
        "sum(increase(requests_total[1m])), and say that the queries are no counters."
    ) % {"what": what}
