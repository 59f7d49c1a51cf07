"""The filter grammar: one text for page, API, views, rules and exports. Pure: no tables, no clock.

    query = term *("&" term)
    term  = ["not."] field "=" value *("," value)      comma: any of; terms: all of
    value = word | range | me | my-teams | none | any
    range = [edge] ".." [edge] | (">=" | "<=" | ">" | "<") edge      a..b: a <= x < b
    edge  = number | date | instant | now | today | ("-" | "+") number ("m" | "h" | "d" | "w")

What is not understood is refused and named; nothing is guessed and nothing is left out, since a filter that loses a
term shows more than was asked for. A plus sign in an address arrives as a space and is read as a plus.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput

MOST_TERMS = 20
MOST_VALUES = 50
MOST_CHARACTERS = 2000
NOT = "not."
WHOLE = frozenset({"text"})  # what people write: a comma in it is a comma

_INSTANT_STEP = timedelta(microseconds=1)
_NUMBER = re.compile(r"-?\d{1,9}\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[-+ ]\d\d:\d\d)?\Z", re.ASCII)
_OFFSET = re.compile(r"([-+ ])(\d{1,6})([mhdw])\Z", re.ASCII)
_COMPARED = re.compile(r"(>=|<=|>|<)(.*)\Z", re.DOTALL)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Edge = int | date | datetime | timedelta | str  # str: now, today; timedelta: from now


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` (included unless `low_open`) to `high` (left out unless `high_closed`); None is no end."""

    low: Edge | None
    high: Edge | None
    low_open: bool = False
    high_closed: bool = False


Value = str | Range


@dataclass(frozen=True, slots=True)
class Term:
    """A field and what it may be, any of `values`; `negated`: none of them."""

    field: str
    values: tuple[Value, ...]
    negated: bool = False

    @property
    def name(self) -> str:
        return f"{NOT}{self.field}" if self.negated else self.field


class OfferedTerm(NamedTuple):
    """A term as people who write a query are told of it: its name, what it is called, and what it may be."""

    name: str
    label: Any
    values: tuple[str, ...]


def refused(name: str, sentence: str) -> InvalidInput:
    """The refusal of one term, which names it."""
    shown = name[:80].replace("\0", "")
    return InvalidInput(
        _("The filter is not understood. %(name)s: %(why)s") % {"name": shown, "why": sentence}, {shown: [sentence]}
    )


def parse(pairs: Iterable[tuple[str, str]], is_field: Callable[[str], bool]) -> tuple[Term, ...]:
    """The terms of a query, as names and values that were decoded already.

    Raises InvalidInput naming the first term that is not understood, or the limit that was passed.
    """
    sent = list(pairs)
    if len(sent) > MOST_TERMS:
        raise refused(sent[MOST_TERMS][0], _("At most %(most)s terms.") % {"most": MOST_TERMS})
    if sum(len(name) + len(value) + 2 for name, value in sent) > MOST_CHARACTERS + 1:
        raise refused(
            max(sent, key=lambda one: len(one[1]))[0], _("At most %(n)s characters.") % {"n": MOST_CHARACTERS}
        )
    return tuple(_term(name, value, is_field) for name, value in sent)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Names and values of a query's text; an empty text has none."""
    return parse_qsl(text, keep_blank_values=True, max_num_fields=1000) if text.count("&") < 1000 else [(text[:80], "")]


def written(pairs: Iterable[tuple[str, str]]) -> str:
    """A query as text, as an address holds it."""
    return urlencode(list(pairs), safe=",:<>/")


def _term(name: str, value: str, is_field: Callable[[str], bool]) -> Term:
    field = name.removeprefix(NOT)
    if not is_field(field):
        raise refused(name, _("There is no such field."))
    if "\0" in value:
        raise refused(name, _("A character that no text may hold."))
    parts = [value] if field in WHOLE else value.split(",")
    if len(parts) > MOST_VALUES:
        raise refused(name, _("At most %(most)s values.") % {"most": MOST_VALUES})
    if not all(part.strip() for part in parts):
        raise refused(name, _("Send a value, or leave it out."))
    read = (part if field in WHOLE else _value(name, part) for part in parts)
    return Term(field, tuple(read), negated=name != field)


def _value(name: str, text: str) -> Value:
    if compared := _COMPARED.match(text):
        sign, edge = compared[1], _edge(name, compared[2])
        if edge is None:
            raise refused(name, _("“%(text)s” compares with nothing.") % {"text": text[:40]})
        if sign[0] == ">":
            return Range(edge, None, low_open=sign == ">")
        return Range(None, edge, high_closed=sign == "<=")
    if ".." in text:
        low, _dots, high = text.partition("..")
        if not low.strip() and not high.strip():
            raise refused(name, _("A range needs an edge."))
        return Range(_edge(name, low), _edge(name, high))
    return text.strip()


def _edge(name: str, text: str) -> Edge | None:
    """One end of a range; None for no end."""
    if not text:
        return None
    try:
        edge = _read(text)
    except (ValueError, OverflowError):
        edge = None
    if edge is None:
        raise refused(
            name, _("“%(text)s” is no number, date, instant, now, today or such as -4h.") % {"text": text[:40]}
        )
    return edge


def _read(text: str) -> Edge | None:
    if text in {"now", "today"}:
        return text
    if _NUMBER.match(text):
        return int(text)
    if _DATE.match(text):
        return date.fromisoformat(text)
    if _INSTANT.match(text):
        return datetime.fromisoformat(text.replace(" ", "+"))
    if offset := _OFFSET.match(text):
        length = timedelta(**{_UNITS[offset[3]]: int(offset[2])})
        return -length if offset[1] == "-" else length
    return None


def day_named(text: str) -> Range | None:
    """A word that is a day (a date, today) as the range from its beginning to its end; None for another word."""
    if text == "today":
        return Range("today", "today", high_closed=True)
    if not _DATE.match(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return Range(day, day, high_closed=True)


def instants(term: Term, span: Range, *, now: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From (included) and to (left out), as instants in UTC: dates begin at midnight in `zone`, and `<=` a date means
    the whole of that day. Raises InvalidInput for what is no instant, and for an end before its beginning."""
    try:
        low = None if span.low is None else _instant(span.low, now, zone, after=span.low_open)
        high = None if span.high is None else _instant(span.high, now, zone, after=span.high_closed)
    except (OverflowError, ValueError) as error:
        raise refused(term.name, _("That is beyond all calendars.")) from error
    except TypeError as error:
        raise refused(term.name, _("Say a date, an instant, now, today or such as -4h.")) from error
    if low is not None and high is not None and low > high:
        raise refused(term.name, _("The range ends before it begins."))
    return low, high


def _instant(edge: Edge, now: datetime, zone: tzinfo, *, after: bool) -> datetime:
    """Where an edge lies; `after`: where what it means is over."""
    if edge == "today":
        edge = now.astimezone(zone).date()
    if isinstance(edge, date) and not isinstance(edge, datetime):
        day = edge + timedelta(days=1) if after else edge
        return datetime.combine(day, time(), zone).astimezone(UTC)
    if edge == "now":
        at = now
    elif isinstance(edge, timedelta):
        at = now + edge
    elif isinstance(edge, datetime):
        at = edge if edge.tzinfo else edge.replace(tzinfo=zone)
    else:
        raise TypeError(edge)
    return at.astimezone(UTC) + (_INSTANT_STEP if after else timedelta())


def numbers(term: Term, span: Range) -> tuple[int | None, int | None]:
    """From (included) and to (left out), as whole numbers. Raises InvalidInput for another edge, and as `instants`."""
    low = _whole(term, span.low, after=span.low_open)
    high = _whole(term, span.high, after=span.high_closed)
    if low is not None and high is not None and low > high:
        raise refused(term.name, _("The range ends before it begins."))
    return low, high


def _whole(term: Term, edge: Edge | None, *, after: bool) -> int | None:
    if edge is None:
        return None
    if not isinstance(edge, int):
        raise refused(term.name, _("Say a whole number."))
    return edge + after
