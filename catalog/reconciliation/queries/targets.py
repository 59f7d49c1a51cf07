"""Which items claimed relations lead to just now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q

from catalog.cmdb.models import CI, Identifier
from catalog.cmdb.models.items import PREFIX
from catalog.reconciliation.models import RelationClaim, Source, SourceRecord
from catalog.services.models import Service
from itsm.kernel.references import number_in

KEY = "key"
Target = tuple[str, str]  # by, target


def targets_of(claims: Iterable[RelationClaim], records: Mapping[int, SourceRecord]) -> dict[Target, int]:
    """(by, target) -> the item that it means now. `records`: those of the claims, by id."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in claims:
        wanted[one.by].add(one.target)
    return meant(wanted, {records[one.record_id].source_id for one in claims if one.by == KEY})


def meant(wanted: Mapping[str, Iterable[str]], sources: Collection[int]) -> dict[Target, int]:
    """The same of targets by how they are named. `sources`: whose keys they are."""
    left = {by: set(targets) for by, targets in wanted.items()}
    found: dict[Target, int] = {}
    for key, item in SourceRecord.objects.filter(
        source__in=sources, key__in=left.pop(KEY, ()), gone_at=None, ci__isnull=False
    ).values_list("key", "ci_id"):
        found[KEY, key] = item
    for slug, item in Service.objects.filter(slug__in=left.pop("slug", ())).values_list("slug", "pk"):
        found["slug", slug] = item
    numbers = {number: one for one in left.pop("reference", ()) if (number := number_in(one, PREFIX))}
    for pk in CI.objects.filter(pk__in=numbers, merged_into=None).values_list("pk", flat=True):
        found["reference", numbers[pk]] = pk
    for by, targets in left.items():
        rows = Identifier.objects.filter(scheme=by, value__in=targets, contested=False)
        found |= {(by, value): item for value, item in rows.values_list("value", "ci_id")}
    return found | _named(left.get("name", ()))


def aimed_at(records: Collection[SourceRecord]) -> Q:
    """Claims that may lead to these records: by a key of their sources, by a value by which one is known, by a name."""
    values = {pair for one in records for pair in one.values.items()}
    keys, sources = {one.key for one in records}, {one.source_id for one in records}
    return (
        Q(by=KEY, target__in=keys, record__source__in=sources)
        | Q(by__in={scheme for scheme, _ in values}, target__in={value for _, value in values})
        | Q(by="name", target__in={one.claims.get("name", "") for one in records})
    )


def ends_ahead(source: Source, claimed: Iterable[Mapping[str, str]], records: Collection[SourceRecord]) -> set[int]:
    """The items that these records of the source may come to be related to, or be related to no more: those that they
    claim (`by`, `target`), those of which records wait for them, and the ends of relations that they hold."""
    if not records:
        return set()
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in claimed:
        wanted[one["by"]].add(one["target"])
    waiting = RelationClaim.objects.filter(aimed_at(records), relation=None)
    held = RelationClaim.objects.filter(record__source=source, record__key__in={one.key for one in records})
    held = held.exclude(relation=None)
    ends: set[int | None] = {*meant(wanted, [source.pk]).values(), *waiting.values_list("record__ci", flat=True)}
    ends.update(one for pair in held.values_list("relation__source", "relation__target") for one in pair)
    return {one for one in ends if one is not None}


def astray(claims: Q) -> list[RelationClaim]:
    """Of these claims those that hold a relation: it may begin, or end, at an item that their record speaks of no
    more."""
    rows = RelationClaim.objects.filter(claims, relation__ended_at=None, record__gone_at=None)
    rows = rows.exclude(relation=None).exclude(record__ci=None)
    return list(rows.select_related("relation", "record").order_by("pk"))


def _named(names: Collection[str]) -> dict[Target, int]:
    """Names that exactly one living item has."""
    called: dict[str, list[int]] = defaultdict(list)
    for name, item in CI.objects.filter(name__in=names, merged_into=None).values_list("name", "pk"):
        called[name].append(item)
    return {("name", name): ones[0] for name, ones in called.items() if len(ones) == 1}
