"""Rows that stand on records of queues which are hidden from somebody: found by their columns, of whatever app.

Searching asks the index itself; this is for what reads tables as such: the export of a person, the history.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Exists, IntegerField, Model, OuterRef, Q, QuerySet

from itsm.accounts.models import Team
from itsm.search.models import Document
from itsm.search.offers import offer_of

# Columns by which a row names the record that it stands on.
PAIRS = (("record_kind", "record_id"), ("subject_kind", "subject_id"), ("from_kind", "from_id"), ("to_kind", "to_id"))


def on_hidden(model: type[Model], hidden: Collection[int]) -> Q:
    """Which rows are records of these queues (ids of teams), stand on one, or on something that does.

    An empty condition for what stands on nothing: never pass that to `exclude` without looking.
    """
    documents = Document.objects.filter(audience__overlap=[f"queue:{one}" for one in sorted(hidden)])
    found = _itself(model, "", documents, hidden)
    for one in model._meta.concrete_fields:
        if one.is_relation and isinstance(one.related_model, type) and issubclass(one.related_model, Model):
            found |= _itself(one.related_model, f"{one.name}__", documents, hidden)
    return found


def _itself(model: type[Model], at: str, documents: QuerySet[Document], hidden: Collection[int]) -> Q:
    found = Q()
    if model._meta.app_label == "accounts":  # people and teams are no records of a queue
        return found
    names = {one.name: one for one in model._meta.concrete_fields}
    kind, is_found = _kind(model), offer_of(model) is not None
    if kind and is_found:
        found |= Q(Exists(documents.filter(record_kind=kind, record_id=OuterRef(f"{at}pk"))))
    for of_kind, number in PAIRS:
        if of_kind in names and number in names:
            about = documents.filter(record_kind=OuterRef(at + of_kind), record_id=OuterRef(at + number))
            found |= Q(Exists(about))
    if not is_found and "team" in names and names["team"].related_model is Team:
        found |= Q(**{f"{at}team__in": sorted(hidden)})
    return found


@cache
def kinds_beside_the_index() -> dict[str, type[Model]]:
    """Kinds of records that nobody finds by searching and that stand on others, or lie in a queue themselves."""
    found: dict[str, type[Model]] = {}
    for model in apps.get_models():
        kind = _kind(model)
        # The history names records by number: what is known by anything else has no entry of its own.
        if kind and offer_of(model) is None and isinstance(model._meta.pk, IntegerField) and on_hidden(model, [0]):
            found[kind] = model
    return found


def _kind(model: Any) -> str:
    said = getattr(model, "kind", "")
    return said if isinstance(said, str) else ""
