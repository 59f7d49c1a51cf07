"""Keeping the index: it follows the news (`itsm.lifecycle.moved`) in the same transaction.

A record is found as soon as it is there, under its newest words, by whoever may see it since then. What a step leaves
as it was costs no statement.
"""

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models, transaction

from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.lifecycle import RecordEvent
from itsm.search.models import Document
from itsm.search.offers import Entry, Offer, offer_of, offered

_BATCH = 1000
_NUMBERED = re.compile(r"^([A-Z]{2,4})-0*(\d{1,18})$", re.ASCII)
_COLUMNS = (
    "record_kind", "record_id", "reference", "prefix", "number", "title", "text", "path", "audience", "about",
    "is_thing", "is_over",
)  # fmt: skip
_RENEWED = _COLUMNS[2:]
_KEEP = (
    f"INSERT INTO search_document ({', '.join(_COLUMNS)}) VALUES %s "  # noqa: S608 - no input
    "ON CONFLICT (record_kind, record_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in _RENEWED)
    + f" WHERE ({', '.join('search_document.' + name for name in _RENEWED)})"
    + f" IS DISTINCT FROM ({', '.join('EXCLUDED.' + name for name in _RENEWED)})"
)
_MOVE_QUEUE = (
    "UPDATE search_document SET audience = array_replace(audience, %s, %s) WHERE audience @> ARRAY[%s]::varchar[]"
)
_MOVE_PERSON = (
    "UPDATE search_document SET audience = array_replace(audience, %s, %s), about = array_replace(about, %s, %s)"
    " WHERE audience @> ARRAY[%s]::varchar[] OR about @> ARRAY[%s]::varchar[]"
)
_ROW = f"({', '.join(['%s'] * len(_COLUMNS))})"

# Words that this process has seen stored. Forgetting them costs one statement each.
_known: set[str] = set()
_MAX_KNOWN = 50_000


def follow(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of `moved`: write, renew or drop the record's document."""
    offer = offer_of(sender)
    if offer is None:
        return
    if news.event.endswith(".deleted"):
        Document.objects.filter(record_kind=news.record.kind, record_id=news.record.pk).delete()
    elif news.step is None or _differs(offer, news):
        keep(offer, [news.record])


def follow_merge(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of `moved` of teams: what lay in a queue lies in the one that it was merged into, and is found by who
    sees that one. They are many, and nobody announces each."""
    if news.event == "team.merged":
        with connection.cursor() as cursor:
            old, new = (f"queue:{pk}" for pk in (news.record.pk, news.record.merged_into_id))
            cursor.execute(_MOVE_QUEUE, [old, new, old])


def follow_person(old: User, new: User, actor: Actor) -> int:
    """What was found by and as that of one account is found by and as that of the one into which it was merged."""
    was, now = f"user:{old.pk}", f"user:{new.pk}"
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_PERSON, [was, now, was, now, was, was])
        return int(cursor.rowcount)


def _differs(offer: Offer, news: RecordEvent) -> bool:
    """Whether this step changed what is found: the entry before it against the one after it, without a query."""
    before = copy.copy(news.record)
    for name, pair in news.changes.items():
        if hasattr(before, name):
            setattr(before, name, pair[0])
    return offer.read(before) != offer.read(news.record)


def keep(offer: Offer, records: Sequence[Any]) -> None:
    """Write the documents of these records of one model; rows that say the same already are left alone."""
    if not records:
        return
    elsewhere = set(offer.elsewhere([record.pk for record in records])) if offer.elsewhere else ()
    read = [(record, None if record.pk in elsewhere else offer.read(record)) for record in records]
    gone = [record.pk for record, entry in read if entry is None]
    if gone:
        Document.objects.filter(record_kind=records[0].kind, record_id__in=gone).delete()
    kept = [(record, entry) for record, entry in read if entry is not None]
    if not kept:
        return
    with connection.cursor() as cursor:
        values = [value for record, entry in kept for value in _row(offer, record, entry)]
        cursor.execute(_KEEP % ", ".join([_ROW] * len(kept)), values)
    learn(_words_of(entry.title for _record, entry in kept))


def _row(offer: Offer, record: Any, entry: Entry) -> list[Any]:
    reference = str(record.reference)[:150]
    numbered = _NUMBERED.match(reference)
    return [
        record.kind,
        record.pk,
        reference,
        numbered[1] if numbered else "",
        int(numbered[2]) if numbered else None,
        entry.title.replace("\0", "")[:220],
        entry.text.replace("\0", "")[:20_000],
        entry.path[:400],
        list(entry.audience),
        list(entry.about),
        offer.is_thing,
        entry.is_over,
    ]


def _words_of(titles: Iterable[str]) -> list[str]:
    found = {word for title in titles for word in re.findall(r"[^\W\d_]{3,30}", title.lower())}
    return sorted(found)


def learn(words: Sequence[str]) -> None:
    """Remember words of titles, to find what mistyped ones may mean. Without a unique index, so that nobody waits."""
    new = [word for word in words if word not in _known]
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_word (word) SELECT said FROM unnest(%s::varchar[]) AS said"
            " WHERE NOT EXISTS (SELECT 1 FROM search_word WHERE word = said)",
            [new],
        )
    if len(_known) > _MAX_KNOWN:
        _known.clear()
    transaction.on_commit(lambda: _known.update(new))


def reindex(model: type[models.Model]) -> int:
    """Write the documents of all records of a model anew, and drop those of records that are gone. Returns how many."""
    offer = offered()[model]
    count, last = 0, 0
    _known.clear()
    while batch := list(_pks(model, last)[:_BATCH]):
        for held in _written_without_waiting(offer, model, batch):
            _written_alone(offer, model, held)
        count, last = count + len(batch), batch[-1]
    kind = model.kind  # type: ignore[attr-defined]
    alive = model._default_manager.filter(pk=models.OuterRef("record_id"))
    Document.objects.filter(record_kind=kind).exclude(models.Exists(alive)).delete()
    return count


def _pks(model: type[models.Model], last: int) -> Any:
    return model._default_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)


def _written_without_waiting(offer: Offer, model: type[models.Model], pks: Sequence[int]) -> list[int]:
    """Write those that nobody is writing now; a lock sees to it that nobody begins. Returns the others."""
    with transaction.atomic():
        free = model._default_manager.select_for_update(no_key=True, skip_locked=True).filter(pk__in=pks)
        found = list(free.order_by("pk"))
        keep(offer, found)
    return sorted(set(pks) - {record.pk for record in found})


def _written_alone(offer: Offer, model: type[models.Model], pk: int) -> None:
    """One after whoever is writing it, as it stands then; with one lock only nobody waits for one another."""
    with transaction.atomic():
        keep(offer, list(model._default_manager.select_for_update(no_key=True).filter(pk=pk)))


def tidy_words() -> None:
    """Each word once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_word one USING search_word other WHERE one.word = other.word AND one.id > other.id"
        )
