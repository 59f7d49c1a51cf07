"""Reads of fields: those of a type of record, and the names of what their values point to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm import rows
from itsm.fields.kinds import Definition
from itsm.fields.models import Field, FieldSet, Narrowing
from itsm.fields.narrower import narrowed
from itsm.fields.owners import MAX_DEPTH, owner_of
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import REFERENCES
from itsm.kernel.actors import Actor


def chain(owner: str) -> list[FieldSet]:
    """The set of an owner and those it inherits from, the most general first; empty where it has no set yet."""
    found: list[FieldSet] = []
    one = rows.joined(FieldSet, ("parent",), "it.owner = %s", [owner])
    while one is not None and len(found) < MAX_DEPTH:
        found.insert(0, one)
        one = one.parent
    return found


def all_fields(owner: str) -> list[Field]:
    """The fields of an owner in the order of its form, inherited ones first and as tight as it has them; retired ones
    too, for what they hold."""
    depth = {one.pk: place for place, one in enumerate(chain(owner))}
    if not depth:
        return []
    rows = Field.objects.filter(set__in=depth).select_related("set").prefetch_related("options")
    ordered = sorted(rows, key=lambda one: (depth[one.set_id], one.position, one.pk))
    if len(depth) == 1:
        return ordered
    tighter = narrowings(depth)
    return [narrowed(one, tighter.get(one.pk, ())) for one in ordered]


def narrowings(sets: Iterable[int]) -> dict[int, list[Narrowing]]:
    """Field -> what these sets (ids, the most general first) make tighter of it. One query."""
    place = {pk: number for number, pk in enumerate(sets)}
    found: dict[int, list[Narrowing]] = defaultdict(list)
    for one in sorted(Narrowing.objects.filter(set__in=place), key=lambda one: place[one.set_id]):
        found[one.field_id].append(one)
    return found


def fields_of(owner: str, actor: Actor | None = None) -> list[Field]:
    """As `all_fields`; read once in the actor's request."""
    memo = actor.memo if actor is not None else None
    if memo is None:
        return all_fields(owner)
    key = ("fields", owner)
    if key not in memo:
        memo[key] = all_fields(owner)
    found: list[Field] = memo[key]
    return found


def forget(owner: str, actor: Actor) -> None:
    """What was read in this request no longer holds: the actor changed it."""
    if actor.memo is not None:
        actor.memo.pop(("fields", owner), None)


def live(owner: str, actor: Actor | None = None) -> list[Field]:
    """The fields of an owner that are not retired, in the order of its form."""
    return [one for one in fields_of(owner, actor) if one.retired_at is None]


def fillable(owner: str, actor: Actor, *, works_here: bool) -> list[Field]:
    """The live fields that the actor may fill in."""
    return [one for one in live(owner, actor) if works_here or one.requester_fills]


def seen(owner: str, actor: Actor, *, works_here: bool) -> list[Field]:
    """The live fields that the actor may read."""
    return [one for one in live(owner, actor) if works_here or one.requester_sees]


def holding(field: Field) -> int:
    """How many records hold a value of this field."""
    owner = field.set.owner
    return owner_of(owner).records(owner).filter(attributes__has_key=field.key).count()


def chosen(defined: Definition, name: str, actor: Actor) -> int | None:
    """The id of the record of this name that the actor may put into the field; None where there is none."""
    reference = reference_of(defined.type)
    if reference is None:
        return None
    found = reference.of_name(reference.chosen(actor, defined.rules), name)
    return found.values_list("pk", flat=True).first()


class Names:
    """The names of what values point to, as the actor may see it: one query for each type, however many records."""

    def __init__(
        self, actor: Actor, fields: Iterable[Field | Definition], records: Iterable[Mapping[str, Any]]
    ) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        pointing = [one for one in fields if one.type in REFERENCES]
        for attributes in records if pointing else ():
            for one in pointing:
                if isinstance(attributes.get(one.key), int):
                    wanted[one.type].add(attributes[one.key])
        self._found: dict[tuple[str, Any], tuple[str, str]] = {}
        for type_, ids in wanted.items():
            self._read(actor, type_, ids)

    def _read(self, actor: Actor, type_: str, ids: set[int]) -> None:
        reference = reference_of(type_)
        for row in reference.seen(actor).filter(pk__in=ids) if reference else ():
            name = getattr(row, reference.name) if reference else ""
            self._found[type_, row.pk] = (str(name), str(row))

    def slug(self, type_: str, pk: Any) -> str:
        """The name in REST and CSV; "" where it may not be seen, or is gone."""
        return self._found.get((type_, pk), ("", ""))[0]

    def label(self, type_: str, pk: Any) -> str:
        """The name as people read it."""
        return self._found.get((type_, pk), ("", _("not yours to see")))[1]
