"""What names a category by its path, so that a category that is renamed leaves nothing behind.

Apps register in `AppConfig.ready()` what of theirs does: macros, templates, views, rules, agreements, reports.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.work.grammar import NOT, pairs_of, written

_TERM = "category"
Renames = Mapping[str, str]


class Reference(NamedTuple):
    """`find(record kind)`: records that may name one; `named(record)`: the paths in it; `rename(record, renames)` sets
    the new ones on the record, which is locked and saved around it."""

    find: Callable[[str], Iterable[Any]]
    named: Callable[[Any], set[str]]
    rename: Callable[[Any, Renames], None]


_references: dict[str, Reference] = {}


def register(model: str, reference: Reference) -> None:
    """`model`: app_label.model. Called once per model, at start."""
    _references[model] = reference


def registered() -> frozenset[str]:
    """Every registered model, for the test that none is forgotten."""
    return frozenset(_references)


def naming(record_kind: str, paths: Iterable[str]) -> list[Any]:
    """Records that name one of these categories."""
    wanted = set(paths)
    return [
        record
        for reference in _references.values()
        for record in reference.find(record_kind)
        if not wanted.isdisjoint(reference.named(record))
    ]


def follow(record_kind: str, renames: Renames, *, actor: Actor) -> int:
    """Name the categories by their new paths wherever they are named, in the caller's transaction. How many records."""
    count = 0
    for reference in _references.values():
        for record in reference.find(record_kind):
            if reference.named(record).isdisjoint(renames):
                continue
            with lifecycle.edit(record, actor=actor, version=None, version_required=False) as current:
                reference.rename(current, renames)
            count += 1
    return count


def in_query(query: str) -> set[str]:
    """The categories that a filter names."""
    terms = (value for name, value in pairs_of(query) if name.removeprefix(NOT) == _TERM)
    return {one.strip() for value in terms for one in value.split(",")}


def renamed_query(query: str, renames: Renames) -> str:
    """The filter with the new paths; as it was written where it names none of them."""
    if in_query(query).isdisjoint(renames):
        return query
    pairs = []
    for name, value in pairs_of(query):
        if name.removeprefix(NOT) == _TERM:
            parts = (one.strip() for one in value.split(","))
            pairs.append((name, ",".join(renames.get(one, one) for one in parts)))
        else:
            pairs.append((name, value))
    return written(pairs)


def of_query(model: Any, field: str = "query") -> Reference:
    """Records of a model that hold a filter in this field."""

    def rename(record: Any, renames: Renames) -> None:
        setattr(record, field, renamed_query(getattr(record, field), renames))

    def find(record_kind: str) -> Iterable[Any]:
        rows = model._default_manager.filter(**{f"{field}__contains": _TERM}).order_by("pk")
        return list(rows.filter(record_kind=record_kind) if hasattr(model, "record_kind") else rows)

    return Reference(find, lambda record: in_query(getattr(record, field)), rename)
