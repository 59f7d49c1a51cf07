"""The typed fields of classes, read together: a list shows items of many classes."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

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
    sets = {pk: set_id for pk, _, _, set_id in classes}
    found = _Read(Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:"), Narrowing.objects.all())
    for _, slug, lineage, _ in classes:
        actor.memo["fields", f"{FIELDS_OF}:{slug}"] = found.of([sets[pk] for pk in lineage])


def read_fields_of(ci_class: CIClass, actor: Actor) -> None:
    """As `read_all_fields`, for a page of one item: those of its class alone, a tenth of all. Four queries."""
    if actor.memo is None or ("fields", ci_class.owner) in actor.memo:
        return
    sets = dict(CIClass.objects.filter(pk__in=ci_class.lineage).values_list("pk", "field_set_id"))
    chain = [sets[pk] for pk in ci_class.lineage]
    found = _Read(Field.objects.filter(set__in=chain), Narrowing.objects.filter(set__in=chain))
    actor.memo["fields", ci_class.owner] = found.of(chain)


class _Read:
    """Fields by the sets that they are in, and what other sets make tighter of them."""

    def __init__(self, fields: QuerySet[Field], tighter: Iterable[Narrowing]) -> None:
        self._by_set: dict[int, list[Field]] = {}
        for one in fields.order_by("position", "pk").select_related("set").prefetch_related("options"):
            self._by_set.setdefault(one.set_id, []).append(one)
        self._tighter: dict[int, dict[int, Narrowing]] = {}
        for said in tighter:
            self._tighter.setdefault(said.field_id, {})[said.set_id] = said

    def of(self, chain: Sequence[int]) -> list[Field]:
        """The fields of a class whose sets are these, the most general first."""
        tighter = self._tighter
        return [
            narrowed(one, [tighter[one.pk][pk] for pk in chain if pk in tighter[one.pk]]) if one.pk in tighter else one
            for set_id in chain
            for one in self._by_set.get(set_id, ())
        ]


def fields_called(key: str) -> list[Field]:
    """The filterable fields of this key, of any class."""
    rows = Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:", key=key, filterable=True)
    return list(rows.select_related("set").prefetch_related("options"))


def filterable_keys() -> Collection[str]:
    """The keys by which lists may be narrowed, of all classes."""
    rows = Field.objects.filter(set__owner__startswith=f"{FIELDS_OF}:", filterable=True, retired_at=None)
    return sorted(set(rows.values_list("key", flat=True)))
