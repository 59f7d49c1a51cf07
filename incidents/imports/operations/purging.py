"""What an import kept of the other desk goes with the texts of its incident."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.imports.models import Imported, ImportedEvent
from incidents.incident.models import Category, Incident
from incidents.incident.operations.purging import WORDS, purge_texts
from incidents.incident.workflow import Status
from itsm.work.models import Note
from itsm.work.retention import Kept


def _mask(ids: Collection[int]) -> None:
    purge_texts(ids)
    Imported.objects.filter(incident__in=ids).update(values={})
    ImportedEvent.objects.filter(incident__in=ids).update(changes={}, by="")


def _export(incidents: Iterable[Incident]) -> Iterator[dict[str, Any]]:
    """Each with all of its columns, and what was written on it."""
    incidents = list(incidents)
    notes: dict[int, list[dict[str, Any]]] = {}
    on = Note.objects.filter(record_kind=Incident.kind, record_id__in=[one.pk for one in incidents])
    for note in on.select_related("by"):
        told = {"at": note.at, "by": note.by.username, "private": note.private, "text": note.text}
        notes.setdefault(note.record_id, []).append(told)
    for one in incidents:
        columns = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}
        yield {"reference": one.reference, **columns, "notes": notes.get(one.pk, [])}


def _categories() -> list[tuple[int, str]]:
    return [(one.pk, str(one)) for one in Category.objects.order_by("pk")]


KEPT = Kept(
    model=Incident,
    words=_("incidents that are over"),
    over=Q(status__in=(Status.CLOSED, Status.CANCELLED)),
    since=("closed_at", "updated_at"),
    people=("caller", "opened_by", "assigned_to", "confirmed_by"),
    mask=_mask,
    export=_export,
    category="category",
    categories=_categories,
    least_months=6,
    history=WORDS,
)
