"""What relations that begin, end or go along leave in the history of the items at their ends, many at once."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import NamedTuple

from django.db import connection

from catalog.cmdb.models import CI, Relation
from catalog.cmdb.operations.histories import Origin, in_production_by
from catalog.cmdb.queries.covers import covering
from catalog.environments.queries import is_production
from itsm.kernel.actors import Actor

MOST_NAMED = 20  # of one item and type, in one go; of more the history says how many


class Turn(NamedTuple):
    """What an item is related to went from one item to another; None: to none there was, or is no more.

    `accounted`: it needs no change, since nothing became otherwise: it was learned, or two items were one all along.
    """

    item: CI
    key: str
    before: CI | None
    after: CI | None
    accounted: bool


def begun(relation: Relation, *, learned: bool) -> list[Turn]:
    """Both ends of one that began: each names the other."""
    return [Turn(item, key, None, other, learned) for item, key, other in _ends(relation)]


def ended(relation: Relation, *, accounted: bool = False) -> list[Turn]:
    """Both ends of one that holds no longer."""
    return [Turn(item, key, other, None, accounted) for item, key, other in _ends(relation)]


def went_along(relation: Relation, gone: CI, survivor: CI) -> list[Turn]:
    """One of an item that lives on in another, as it is before it goes along: it ends there, begins here, and of the
    other end it is the same relation with another name. Nothing became otherwise."""
    turns = []
    for item, key, other in _ends(relation):
        if item.pk == gone.pk:
            turns += [Turn(gone, key, other, None, True), Turn(survivor, key, None, other, True)]
        else:
            turns.append(Turn(item, key, gone, survivor, True))
    return turns


def learned_of(relations: Collection[Relation], new: Collection[int]) -> set[int]:
    """Of relations that an import began (ids): those of items that came with it (`new`), and those of a type of which
    nobody had said anything of the source before. What takes the place of another one is an edit."""
    said = Relation.objects.filter(source__in={one.source_id for one in relations})
    said = said.exclude(pk__in=[one.pk for one in relations])
    known, came = set(said.order_by().values_list("source_id", "type_id").distinct()), set(new)
    return {
        one.pk
        for one in relations
        if {one.source_id, one.target_id} & came or (one.source_id, one.type_id) not in known
    }


def record_turns(turns: Iterable[Turn], *, actor: Actor, at: datetime, origin: Origin, why: str = "") -> None:
    """Keep them in the caller's transaction by one statement: a row for each, or for more than MOST_NAMED of an item
    and a key one that says how many. One in production is accounted for by a change that covers the item.

    Raises nothing.
    """
    rows = list(_rows(turns, _accounts(at, origin)))
    if not rows:
        return
    items, keys, before, after, accounted, changes = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "items": list(items), "keys": list(keys), "before": list(map(_json, before)),
                "after": list(map(_json, after)), "accounted": list(accounted), "changes": list(changes), "at": at,
                "actor": actor.id, "name": actor.name, "source": origin.source, "run": origin.run,
                "why": why or origin.why,
            },
        )  # fmt: skip


# An import begins relations by the ten thousand: no model is made for each row.
_INSERT = """
INSERT INTO catalog_history
  (ci_id, key, before, after, at, actor_id, actor_name, source, run, change_reference, accounted, why)
SELECT t.item, t.key, t.before::jsonb, t.after::jsonb, %(at)s, %(actor)s, %(name)s, %(source)s, %(run)s, t.change,
  t.accounted OR t.change <> '', %(why)s
FROM unnest(%(items)s::bigint[], %(keys)s::text[], %(before)s::text[], %(after)s::text[], %(accounted)s::bool[],
  %(changes)s::text[]) AS t(item, key, before, after, accounted, change)
"""


def _json(value: str | int | None) -> str | None:
    return None if value is None else json.dumps(value)


_Row = tuple[int, str, str | int | None, str | int | None, bool, str]


def _rows(turns: Iterable[Turn], accounts: Callable[[CI], tuple[bool, str]]) -> Iterable[_Row]:
    def alike(one: Turn) -> tuple[int, str, bool, bool]:
        return one.item.pk, one.key, one.before is None, one.after is None

    for _, group in groupby(sorted(turns, key=alike), alike):
        several = list(group)
        for item, key, before, after, accounted in _named(several):
            needs, change = (False, "") if accounted else accounts(item)
            yield item.pk, key, before, after, not needs, change


def _named(several: Sequence[Turn]) -> Iterable[tuple[CI, str, str | int | None, str | int | None, bool]]:
    if len(several) <= MOST_NAMED:
        for one in several:
            yield one.item, one.key, _reference(one.before), _reference(one.after), one.accounted
        return
    first, many = several[0], len(several)
    before, after = (None if one is None else many for one in (first.before, first.after))
    yield first.item, first.key, before, after, all(one.accounted for one in several)


def _reference(item: CI | None) -> str | None:
    return None if item is None else item.reference


def _accounts(at: datetime, origin: Origin) -> Callable[[CI], tuple[bool, str]]:
    """Item -> whether an edit of it needs a change, and the one that covers it. Each item is asked for once."""
    judged = cache(is_production)
    found: dict[int, tuple[bool, str]] = {}

    def asked(item: CI) -> tuple[bool, str]:
        if item.pk not in found:
            needs = in_production_by(item, judged)
            found[item.pk] = needs, covering(item, at, origin.change) if needs else ""
        return found[item.pk]

    return asked


def _ends(relation: Relation) -> tuple[tuple[CI, str, CI], ...]:
    slug = relation.type.slug
    return (
        (relation.source, f"relation:{slug}", relation.target),
        (relation.target, f"related:{slug}", relation.source),
    )
