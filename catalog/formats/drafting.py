"""A document while it is read: what the file says is taken under its key when it fits, and noted when it does not."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext

from catalog.formats.documents import (
    Claimed,
    Direction,
    Document,
    Measured,
    Noted,
    Person,
    Read,
    Redundancy,
    Refused,
    Team,
    Value,
)  # fmt: skip
from catalog.formats.limits import LONGEST_CELL, LONGEST_NAME, LONGEST_TEXT, MOST_LABELS
from catalog.formats.vocabulary import KEYS
from itsm.kernel.instants import has_sound_offset
from itsm.kernel.texts import is_blank

_MOST = 10**15
_ResultT = TypeVar("_ResultT")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class NotTaken(Exception):
    """This document is refused; the sentence says why. The next one is read all the same."""


def word(raw: Any) -> str | None:
    """One line of text as written, normalised (NFC) and trimmed; a number as its digits; None for all else, and for
    what shows nothing."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        return None
    text = unicodedata.normalize("NFC", str(raw)).strip()
    return None if is_blank(text) or _CONTROL.search(text) else text


def mapping(raw: Any) -> Mapping[str, Any]:
    """The mapping, or an empty one."""
    return raw if isinstance(raw, dict) else {}


def items(raw: Any) -> list[Any]:
    """The list, or an empty one."""
    return raw if isinstance(raw, list) else []


def at(raw: Any, *path: str) -> Any:
    """What stands below these keys, or None."""
    for key in path:
        raw = mapping(raw).get(key)
    return raw


def name_of(raw: Any) -> str:
    """A name that can be kept. Raises NotTaken."""
    name = word(raw)
    if name is None:
        raise NotTaken(gettext("It has no name."))
    if len(name) > LONGEST_NAME:
        raise NotTaken(gettext("Its name has more than %d characters.") % LONGEST_NAME)
    return name


def instant(raw: Any) -> datetime | None:
    """An instant with its zone; None for anything else: a time without a zone is not guessed."""
    try:
        found = datetime.fromisoformat(word(raw) or "")
        is_sound = found.utcoffset() is not None and has_sound_offset(found) and 1990 < found.year < 2200
        return found if is_sound else None
    except ValueError:
        return None


def _whole(raw: Any) -> int | None:
    try:
        number = Decimal(word(raw) or "")
    except ArithmeticError:
        return None
    return int(number) if number.is_finite() and 0 <= number <= _MOST and number == number.to_integral_value() else None


def _decimal(raw: Any) -> str | None:
    try:
        number = Decimal(word(raw) or "")
        if not number.is_finite() or not -_MOST <= number <= _MOST:
            return None
        return format(round(number, 6).normalize() + 0, "f")
    except ArithmeticError:
        return None


def _text(raw: Any) -> str | None:
    text = word(raw)
    return text if text is not None and len(text) <= LONGEST_TEXT else None


def _labels(raw: Any) -> list[str] | None:
    found = [text for one in (raw if isinstance(raw, list) else [raw]) if (text := _text(one)) is not None]
    return list(dict.fromkeys(found))[:MOST_LABELS] or None


def _yes_no(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else {"true": True, "yes": True, "false": False, "no": False}.get(
        (word(raw) or "").lower()
    )  # fmt: skip


def _long(raw: Any) -> str | None:
    text = unicodedata.normalize("NFC", raw).strip() if isinstance(raw, str) else ""
    return None if is_blank(text) or len(text) > LONGEST_CELL or _CONTROL.search(text) else text


_TAKEN: Mapping[str, Callable[[Any], Value | None]] = {
    "text": _text, "whole": _whole, "decimal": _decimal, "yes_no": _yes_no, "labels": _labels,
}  # fmt: skip


@dataclass(slots=True)
class Draft:
    """One document under way. `shown`: how people call it in its file; `place`: where it stands there."""

    key: str
    class_slug: str
    name: str
    shown: str
    place: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    relations: dict[Claimed, None] = field(default_factory=dict)
    noted: list[Noted] = field(default_factory=list)
    observed_at: datetime | None = None
    state: str | None = None
    owner: str | None = None
    environment: str | None = None
    description: str | None = None
    redundancy: list[Redundancy] = field(default_factory=list)
    measures: list[Measured] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)

    def identify(self, scheme: str, raw: Any) -> None:
        """By this value, where there is one."""
        if (value := _text(raw)) is not None:
            self.identifiers[scheme] = value

    def say(self, key: str, raw: Any) -> None:
        """The attribute has this value; nothing where the file has none, a note where it does not fit."""
        if raw is None or raw == "" or raw == [] or raw == {}:
            return
        value = _TAKEN[KEYS[key].kind](raw)
        if value is not None:
            self.attributes[key] = value
        elif not (isinstance(raw, str) and is_blank(raw)):
            self.note("value", gettext("%(key)s is left out: its value does not fit.") % {"key": key})

    def describe(self, raw: Any) -> None:
        """Its description."""
        self.description = _long(raw)

    def relate(self, type_: str, target: str | None, direction: Direction = "out", by: str = "key") -> None:
        """A relation, where there is a target; to itself there is none."""
        if target and len(target) <= LONGEST_TEXT and (by != "key" or target != self.key):
            self.relations[Claimed(type_, direction, target, by)] = None

    def note(self, kind: str, sentence: str) -> None:
        """Somebody should look at this."""
        self.noted.append(Noted(self.shown, kind, sentence))

    def document(self) -> Document:
        """As it stands."""
        return Document(
            self.key, self.class_slug, self.name, self.identifiers, self.attributes, tuple(self.relations),
            self.observed_at, self.state, self.owner, self.environment, self.description, tuple(self.redundancy),
            tuple(self.measures), frozenset(self.cleared), self.place,
        )  # fmt: skip


class Gathered:
    """What was read of all files so far: each key once."""

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.slugs: dict[str, str] = {}
        self.teams: dict[str, Team] = {}
        self.people: dict[str, Person] = {}
        self.refused: list[Refused] = []
        self.noted: list[Noted] = []
        self.count = 0
        self.broken = False

    def refuse(self, shown: str, reason: str) -> None:
        """This document is not taken."""
        self.refused.append(Refused(shown[:LONGEST_NAME], reason))

    def attempt(self, shown: str, make: Callable[[], _ResultT]) -> _ResultT | None:
        """What `make` makes; None and a refusal where it raises NotTaken. Counts one document."""
        self.count += 1
        try:
            return make()
        except NotTaken as refusal:
            self.refuse(shown, str(refusal))
            return None

    def add(self, draft: Draft) -> None:
        """Raises NotTaken for a key, or a slug of a service, that stands there already."""
        if (other := self.drafts.get(draft.key)) is not None:
            words = {"place": other.place or other.shown}
            raise NotTaken(gettext("It stands there twice; first in %(place)s.") % words)
        if (slug := draft.identifiers.get("slug")) is not None:
            if slug in self.slugs:
                words = {"slug": slug, "other": self.slugs[slug]}
                raise NotTaken(gettext("Its slug “%(slug)s” is also that of %(other)s.") % words)
            self.slugs[slug] = draft.shown
        self.drafts[draft.key] = draft

    def read(self) -> Read:
        """All of it; nothing but the refusals where a file is broken."""
        if self.broken:
            return Read(refused=tuple(self.refused), count=self.count, broken=True)
        return Read(
            documents=tuple(draft.document() for draft in self.drafts.values()),
            refused=tuple(self.refused),
            teams=tuple(self.teams.values()),
            people=tuple(self.people.values()),
            noted=(*self.noted, *(note for draft in self.drafts.values() for note in draft.noted)),
            count=self.count,
        )


def first(found: Iterable[str | None]) -> str | None:
    """The first that is there."""
    return next((one for one in found if one), None)
