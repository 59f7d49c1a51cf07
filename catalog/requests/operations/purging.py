"""What is left of a request whose texts were purged: its number, its items, its instants, and who asked for it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.items.operations import forget_uploads_of
from catalog.requests.models import Request, RequestItem, WantedChange
from catalog.requests.workflow import OVER
from itsm.work.models import Note, Task
from itsm.work.retention import Kept


def purge_texts(ids: Collection[int]) -> None:
    """Empty the words of these requests and of their items; for the run of retention, in its transaction.

    Raises nothing.
    """
    said = gettext("Texts purged")
    forget_uploads_of(Request.kind, ids)
    Request.objects.filter(pk__in=ids).update(reason="", cost_centre="")
    items = RequestItem.objects.filter(request__in=ids)
    of_items = list(items.values_list("pk", flat=True))
    items.update(
        answers={}, question="", delivered="", reason=Case(When(reason="", then=Value("")), default=Value(said))
    )
    Task.objects.filter(record_kind=RequestItem.kind, record_id__in=of_items).update(title=said)
    WantedChange.objects.filter(item__in=of_items).update(
        values={}, said=Case(When(said="", then=Value("")), default=Value(said))
    )


def _export(requests: Iterable[Request]) -> Iterator[dict[str, Any]]:
    """Each with all of its columns, its items, and what was written on it."""
    requests = list(requests)
    ids = [one.pk for one in requests]
    notes: dict[int, list[dict[str, Any]]] = {}
    for note in Note.objects.filter(record_kind=Request.kind, record_id__in=ids).select_related("by"):
        told = {"at": note.at, "by": note.by.username, "private": note.private, "text": note.text}
        notes.setdefault(note.record_id, []).append(told)
    items: dict[int, list[dict[str, Any]]] = {}
    for item in RequestItem.objects.filter(request__in=ids).order_by("request", "position"):
        items.setdefault(item.request_id, []).append(_columns(item))
    for one in requests:
        kept = {"items": items.get(one.pk, []), "notes": notes.get(one.pk, [])}
        yield {"reference": one.reference, **_columns(one), **kept}


def _columns(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


KEPT = Kept(
    model=Request,
    words=_("requests that are over"),
    over=Q(status__in=OVER),
    since=("closed_at",),
    people=("by", "requested_for"),
    mask=purge_texts,
    export=_export,
    least_months=6,
    history=("reason", "cost_centre"),
)
