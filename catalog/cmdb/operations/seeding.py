"""What Headroom brings along is there after migrating: built-in classes and types of relations."""

from typing import Any

from django.db import transaction

from catalog.cmdb.models import CIClass, RelationType
from catalog.cmdb.operations.built_in import CLASSES, RELATION_TYPES, ROOT_SCHEMES, ClassSeed
from catalog.cmdb.operations.built_in_fields import fields_of
from catalog.cmdb.vocabulary import fields_owner
from itsm.fields.models import Field, FieldSet


def seed(**_sent: Any) -> None:
    """After migrating: adds those that are missing. Safe to run again, also at the same time."""
    with transaction.atomic():
        known = dict(CIClass.objects.values_list("slug", "pk"))
        missing = [one for one in CLASSES if one.slug not in known]
        while missing:
            ready = [one for one in missing if not one.parent or one.parent in known]
            _add_classes(ready, known)
            missing = [one for one in missing if one not in ready]
            known = dict(CIClass.objects.values_list("slug", "pk"))
        RelationType.objects.bulk_create(
            [RelationType(built_in=True, **one._asdict()) for one in RELATION_TYPES], ignore_conflicts=True
        )


def _add_classes(ready: list[ClassSeed], known: dict[str, int]) -> None:
    """A class and its set of fields, below the set of its parent."""
    sets = dict(FieldSet.objects.filter(owner__startswith=fields_owner("")).values_list("owner", "pk"))
    FieldSet.objects.bulk_create(
        [
            FieldSet(owner=fields_owner(one.slug), parent_id=sets[fields_owner(one.parent)] if one.parent else None)
            for one in ready
        ],
        ignore_conflicts=True,
    )
    sets = dict(FieldSet.objects.filter(owner__startswith=fields_owner("")).values_list("owner", "pk"))
    Field.objects.bulk_create(
        [
            Field(set_id=sets[fields_owner(one.slug)], **field._asdict())
            for one in ready
            for field in fields_of(one.slug)
        ],
        ignore_conflicts=True,
    )
    CIClass.objects.bulk_create(
        [
            CIClass(
                slug=one.slug, name=one.name, icon=one.icon, abstract=one.abstract, built_in=True,
                parent_id=known.get(one.parent), field_set_id=sets[fields_owner(one.slug)],
                schemes=list(one.schemes or ROOT_SCHEMES) if one.schemes or not one.parent else None,
            )
            for one in ready
        ],
        ignore_conflicts=True,
    )  # fmt: skip
