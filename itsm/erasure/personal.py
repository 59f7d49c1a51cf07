"""Values of typed fields that are marked as personal: they go with whose record it is, also from its history."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Q

from itsm.accounts.models import User
from itsm.fields import owners
from itsm.fields.models import Field, FieldValue

WHOSE = ("caller", "requested_for", "by")  # columns of a record that say whose it is; who works on it is none of them


def count(person: User) -> int:
    """How many records of theirs hold such a value."""
    return sum(rows.count() for _owner, rows, _keys in _held(person))


def forget(person: User) -> int:
    """Empty them, in the caller's transaction, with what their history says of them; how many records did."""
    emptied = 0
    for owner, rows, keys in _held(person):
        ids = []
        for record in rows.select_for_update(of=("self",), no_key=True).only("pk", "attributes"):
            kept = {key: value for key, value in record.attributes.items() if key not in keys}
            type(record)._default_manager.filter(pk=record.pk).update(attributes=kept)
            ids.append(record.pk)
        FieldValue.objects.filter(field__set__owner=owner, field__key__in=keys, record_id__in=ids).delete()
        with connection.cursor() as cursor:
            kind = owners.owner_of(owner).model.kind  # type: ignore[attr-defined]
            cursor.execute("SELECT erasure_empty_personal(%s, %s, %s, %s)", [person.pk, kind, ids, keys])
        emptied += len(ids)
    return emptied


def _held(person: User) -> Iterator[tuple[str, Any, list[str]]]:
    marked: dict[str, list[str]] = {}
    for owner, key in Field.objects.filter(personal=True).values_list("set__owner", "key"):
        marked.setdefault(owner, []).append(key)
    for owner, keys in sorted(marked.items()):
        rows = owners.owner_of(owner).records(owner)
        theirs = Q()
        for name in WHOSE:
            if any(one.name == name and one.related_model is User for one in rows.model._meta.concrete_fields):
                theirs |= Q(**{name: person.pk})
        if theirs:
            yield owner, rows.filter(theirs, attributes__has_any_keys=keys), keys
