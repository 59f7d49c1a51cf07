"""Asking the index: one rule of who sees what for the page, the suggestions and where Enter leads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from itsm.kernel.actors import Actor
from itsm.search.models import Document
from itsm.search.offers import tokens_of
from itsm.search.spelling import meant

_MAX_WORDS = 8
_MAX_TEXT = 200
_SHORTEST = 2
_RELATED = 4
_NUMBER = re.compile(r"^#?(?:([a-z]{2,4})[\s-]*)?0*(\d{1,18})$", re.ASCII)

# Candidates are bounded, so that a word which half of all records hold costs no more than a rare one: all things,
# the newest rows, and whatever else the index names first. Then they are ranked.
_FIND = """
WITH candidates AS (
  (SELECT id FROM search_document
    WHERE is_thing AND words @@ to_tsquery('simple', %(query)s) AND audience && %(tokens)s::varchar[] LIMIT 200)
  UNION
  (SELECT id FROM (SELECT id, words, audience FROM search_document ORDER BY id DESC LIMIT 2000) newest
    WHERE words @@ to_tsquery('simple', %(query)s) AND audience && %(tokens)s::varchar[] LIMIT 200)
  UNION
  (SELECT id FROM search_document
    WHERE words @@ to_tsquery('simple', %(query)s) AND audience && %(tokens)s::varchar[] LIMIT 400)
)
SELECT id FROM search_document JOIN candidates USING (id)
ORDER BY
  ts_rank(words, to_tsquery('simple', %(query)s))
  + CASE WHEN lower(title) = %(text)s OR lower(reference) = %(text)s THEN 4 ELSE 0 END
  + CASE WHEN is_thing THEN 1 ELSE 0 END
  + CASE WHEN starts_with(lower(title), %(text)s) THEN 0.3 ELSE 0 END
  - CASE WHEN is_over THEN 0.3 ELSE 0 END DESC,
  id DESC
LIMIT %(limit)s
"""


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
    return Document.objects.filter(audience__overlap=tokens_of(actor))


def find(actor: Actor, text: str, limit: int = 20) -> Found:
    """What this actor may see under these words: numbers and references, beginnings of words, likely misspellings."""
    said = text.strip()[:_MAX_TEXT].lower()
    numbered = by_number(actor, said)[:limit]
    words = _words(said)
    found = numbered + _missing(numbered, _by_query(actor, _prefixes(words), said, limit)) if words else numbered
    is_similar = False
    if not found and words:
        query = _similar(words)
        found = _by_query(actor, query, said, limit) if query else []
        is_similar = bool(found)
    thing = next((one for one in found[:1] if one.is_thing), None)
    related = _missing(found, _records_of(actor, thing)) if thing else []
    return Found(found[:limit], related[:_RELATED], thing, is_similar)


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


def _by_query(actor: Actor, query: str, text: str, limit: int) -> list[Document]:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"query": query, "tokens": tokens_of(actor), "text": text, "limit": limit})
        ids = [found for (found,) in cursor.fetchall()]
    by_id = Document.objects.defer("text", "words").in_bulk(ids)
    return [by_id[one] for one in ids if one in by_id]


def _missing(known: Sequence[Document], more: Sequence[Document]) -> list[Document]:
    seen = {one.pk for one in known}
    return [one for one in more if one.pk not in seen]


def _words(text: str) -> list[str]:
    """Letters and digits only, so that no sign of a query language is left."""
    found = "".join(sign if sign.isalnum() else " " for sign in text).split()[:_MAX_WORDS]
    return found if any(len(word) >= _SHORTEST for word in found) else []


def _prefixes(words: Sequence[str]) -> str:
    return " & ".join(f"{word}:*" for word in words)


def _similar(words: Sequence[str]) -> str:
    """The same words, each with the known ones that it may mean; empty where no word has any."""
    choices: list[Any] = [meant(word) for word in words]
    if not any(choices):
        return ""
    return " & ".join(f"({' | '.join([f'{word}:*', *found])})" for word, found in zip(words, choices, strict=True))
