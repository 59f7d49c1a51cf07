"""Asking the index: one rule of who sees what for the page, the suggestions and where Enter leads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from itsm.kernel.actors import Actor
from itsm.search.candidates import ranked
from itsm.search.models import Document
from itsm.search.offers import tokens_of, withheld_from
from itsm.search.spelling import meant

_MAX_WORDS = 8
_MAX_TEXT = 200
_SHORTEST = 2
_RELATED = 4
_NUMBER = re.compile(r"^#?(?:([a-z]{2,4})[\s-]*)?0*(\d{1,18})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """Results, best first. `related`: records of the thing that was meant. `is_similar`: found by other spellings."""

    documents: list[Document] = field(default_factory=list)
    related: list[Document] = field(default_factory=list)
    thing: Document | None = None
    is_similar: bool = False

    def __bool__(self) -> bool:
        return bool(self.documents)


def visible_to(actor: Actor) -> QuerySet[Document]:
    """The documents whose audience this actor's tokens meet; what they are searched by is not loaded."""
    found = Document.objects.defer("text", "words").filter(audience__overlap=tokens_of(actor))
    kept_back = withheld_from(actor)
    if kept_back.hidden:
        found = found.exclude(Q(audience__overlap=kept_back.hidden) & ~Q(audience__overlap=kept_back.own))
    return found


def find(actor: Actor, text: str, limit: int = 20) -> Found:
    """What this actor may see under these words: numbers and references, beginnings of words, likely misspellings."""
    said = text.strip()[:_MAX_TEXT].lower()
    numbered = by_number(actor, said)[:limit]
    words = _words(said)
    found = numbered + _missing(numbered, _ranked(actor, _prefixes(words), said, limit) if words else [])
    is_similar = False
    if not found and (similar := _similar(words)):
        found = _ranked(actor, similar, said, limit)
        is_similar = bool(found)
    thing = next((one for one in found[:1] if one.is_thing), None)
    related = _missing(found, _records_of(actor, thing)) if thing else []
    return Found(found[:limit], related[:_RELATED], thing, is_similar)


def _ranked(actor: Actor, words: Sequence[str], said: str, limit: int) -> list[Document]:
    return ranked(words, tokens_of(actor), said, limit, withheld_from(actor))


def jump(actor: Actor, text: str) -> str | None:
    """Where Enter leads at once: the one record of this reference or number, the thing of this name; else None."""
    said = text.strip()[:_MAX_TEXT].lower()
    found = by_number(actor, said)
    if not found and said:
        things = visible_to(actor).filter(is_thing=True).annotate(name=Lower("reference"))
        found = list(things.filter(name=said)[:2])
    return found[0].path if len(found) == 1 else None


def by_number(actor: Actor, text: str) -> list[Document]:
    """Records with this number: "INC-00042", "inc42", "chg 42" one of them, "42" of every kind."""
    said = _NUMBER.match(text.strip().lower())
    if said is None:
        return []
    rows = visible_to(actor).filter(number=int(said[2]))
    if said[1]:
        rows = rows.filter(prefix=said[1].upper())
    return list(rows.order_by("is_over", "-id")[:20])


def _records_of(actor: Actor, thing: Document) -> list[Document]:
    """The newest of them, what is still open first."""
    rows = visible_to(actor).filter(about__contains=[f"{thing.record_kind}:{thing.record_id}"])
    return sorted(rows.order_by("-id")[: _RELATED * 5], key=lambda one: one.is_over)


def _missing(known: Sequence[Document], more: Sequence[Document]) -> list[Document]:
    seen = {one.pk for one in known}
    return [one for one in more if one.pk not in seen]


def _words(text: str) -> list[str]:
    """Letters and digits only, so that no sign of a query language is left."""
    found = "".join(sign if sign.isalnum() else " " for sign in text).split()[:_MAX_WORDS]
    return found if any(len(word) >= _SHORTEST for word in found) else []


def _prefixes(words: Sequence[str]) -> list[str]:
    return [f"{word}:*" for word in words]


def _similar(words: Sequence[str]) -> list[str]:
    """The same words, each with the known ones that it may mean; none where no word has any."""
    choices = [meant(word) for word in words]
    if not any(choices):
        return []
    return [f"({' | '.join([f'{word}:*', *found])})" for word, found in zip(words, choices, strict=True)]
