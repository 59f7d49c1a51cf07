"""The typed fields of classes, read together: a list shows items of many classes."""

from collections.abc import Collection

from catalog.cmdb.models import CIClass
from catalog.cmdb.vocabulary import FIELDS_OF
from itsm.fields.models import Field, Narrowing
from itsm.fields.narrower import narrowed
from itsm.kernel.actors import Actor


def read_all_fields(actor: Actor) -> None:
    """Read the fields of every class once for this request: `itsm.fields.queries` finds them then. Four queries."""
    if actor.memo is None or "fields of classes" in actor.memo:
        return
    actor.memo["fields of classes"] = True
    classes = list(CIClass.objects.values_list("pk", "slug", "lineage", "field_set_id"))
    rows = Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:").order_by("position", "pk")
    by_set: dict[int, list[Field]] = {}
    for one in rows.select_related("set").prefetch_related("options"):
        by_set.setdefault(one.set_id, []).append(one)
    sets = {pk: set_id for pk, _, _, set_id in classes}
    tighter: dict[int, dict[int, Narrowing]] = {}
    for said in Narrowing.objects.all():
        tighter.setdefault(said.field_id, {})[said.set_id] = said
    for _, slug, lineage, _ in classes:
        chain = [sets[pk] for pk in lineage]
        actor.memo["fields", f"{FIELDS_OF}:{slug}"] = [
            narrowed(one, [tighter[one.pk][pk] for pk in chain if pk in tighter[one.pk]]) if one.pk in tighter else one
            for set_id in chain
            for one in by_set.get(set_id, ())
        ]


def fields_called(key: str) -> list[Field]:
    """The filterable fields of this key, of any class."""
    rows = Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:", key=key, filterable=True)
    return list(rows.select_related("set").prefetch_related("options"))


def filterable_keys() -> Collection[str]:
    """The keys by which lists may be narrowed, of all classes."""
    rows = Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:", filterable=True, retired_at=None)
    return sorted(set(rows.values_list("key", flat=True)))
