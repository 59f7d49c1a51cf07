"""Keeping the index and asking it.

An app registers, for its model, how a record reads as a document. The index follows the news
(`itsm.lifecycle.moved`) in the same transaction, so a record is found as soon as it is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from itsm import rows
from itsm.kernel.actors import Actor, Role
from itsm.lifecycle import RecordEvent, record_changed
from itsm.search.models import Document


@dataclass(frozen=True, slots=True)
class Entry:
    """How a record is found and shown among results."""

    title: str
    path: str
    text: str = ""
    staff_only: bool = True
    owner_id: int | None = None


_offers: dict[type, Callable[[Any], Entry]] = {}


def offers(model: type, read: Callable[[Any], Entry]) -> None:
    """Say how records of a model read as documents, and follow their news. Called once per model, at start."""
    _offers[model] = read
    record_changed.connect(follow, sender=model, dispatch_uid=f"search follows {model.__name__}", acts_on=followed)


def follow(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of `moved`: write or renew the record's document. A step changes no words, so it costs nothing here."""
    if followed([news]):
        rows.insert(_document(news.record), _RENEW)


def followed(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that may have changed how a record reads."""
    return [one for one in news if type(one.record) in _offers and one.step is None]


_RENEWED = ("reference", "title", "text", "path", "staff_only", "owner_id")
_RENEW = "ON CONFLICT (record_kind, record_id) DO UPDATE SET " + ", ".join(
    f"{column} = EXCLUDED.{column}" for column in _RENEWED
)


def _document(record: Any) -> Document:
    entry = _offers[type(record)](record)
    return Document(
        record_kind=record.kind,
        record_id=record.pk,
        reference=record.reference,
        title=entry.title[:220],
        text=entry.text[:20_000],
        path=entry.path,
        staff_only=entry.staff_only,
        owner_id=entry.owner_id,
    )


def visible_to(actor: Actor) -> QuerySet[Document]:
    if actor.is_system or actor.roles - {Role.REQUESTER}:
        return Document.objects.all()
    return Document.objects.filter(Q(staff_only=False) | Q(owner_id=actor.id))


def find(actor: Actor, text: str, limit: int = 20) -> list[Document]:
    """The best matches: whole words and beginnings of words first, then likeness of the title."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in text[:200]).split() if word][:8]
    if not words:
        return []
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    ranked = visible_to(actor).filter(words=query).annotate(rank=SearchRank(F("words"), query)).order_by("-rank", "-id")
    found: list[Document] = [*ranked[:limit]]
    if found:
        return found
    likeness = visible_to(actor).filter(title__trigram_word_similar=Cast(Value(text[:100]), TextField()))
    return list(likeness.order_by("-id")[:limit])
