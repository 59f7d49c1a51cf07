"""Who feels it when an item fails, and what could hurt it: the engine's answer in the reader's words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

from django.db import connection
from django.utils import timezone

from catalog.cmdb.models import CI, Condition
from catalog.cmdb.models.classes import shown_name
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.history import HIDDEN
from catalog.cmdb.queries.items import hidden_from, visible_items
from catalog.engine.graph import State
from catalog.engine.hurting import Hurt, hurting
from catalog.engine.impact import DEPTH, MAX_DEPTH, felt_above
from catalog.engine.impact import Felt as Feeling
from catalog.services.queries import visible_services
from catalog.services.queries.graph import snapshot
from catalog.services.queries.states import said_by_sources
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in, reference

MOST_NODES = 5_000
Direction = Literal["up", "down"]
_NAMES = """
SELECT item.id, of_class.slug, of_class.name, of_class.built_in, item.name
FROM catalog_ci item JOIN catalog_ciclass of_class ON of_class.id = item.ci_class_id WHERE item.id = ANY (%s)
"""


class Felt(NamedTuple):
    """`via` leads from the direct neighbour to the other end, `depth` items long."""

    item: int
    state: State
    depth: int
    via: tuple[int, ...]


class Node(NamedTuple):
    """An item as the reader sees it; `via` holds references, "..." for what is not theirs to see."""

    item_id: int
    reference: str
    class_slug: str
    class_name: str
    name: str
    state: str
    depth: int
    via: tuple[str, ...]


class FeltService(NamedTuple):
    """A service that feels it when certain items fail; `via` from its neighbour to one of them, empty: it is one."""

    slug: str
    name: str
    state: str
    depth: int
    via: tuple[str, ...]


# Id -> what it feels, as a walk up or down found it.
Walked = tuple[int, Feeling | Hurt]
Way = TypeVar("Way", Node, FeltService)


@dataclass(frozen=True)
class Impact:
    """Worst first, then nearest, then by id; at most 5,000 nodes. `counts`: of all that the reader may see, by state.

    `truncated`: there are more nodes, or there would be more a round further. `found` is all of them, not named yet:
    who shows a few reads the names of these.
    """

    subject: str
    direction: Direction
    depth: int
    counts: Mapping[str, int]
    truncated: bool
    found: Sequence[Felt]
    hidden: Collection[int]

    @cached_property
    def nodes(self) -> list[Node]:
        """All of them by name. One query."""
        return self.named(self.found)

    def named(self, found: Sequence[Felt]) -> list[Node]:
        """These of `found`, as the reader sees them. One query."""
        return _nodes(found, self.hidden)


def impact(item: CI, actor: Actor, *, direction: Direction = "up", depth: int = DEPTH, current: bool = False) -> Impact:
    """What fails with an item (up), or what makes it fail (down), as far as this reader may see it.

    `current`: beside what is down or degraded just now. Up then names whom its failure makes worse than they are.
    Two queries, and one where names are read; with `current` one more, and those of the sources that know of trouble.
    ValueError for a depth outside 0 to 12.
    """
    if not 0 <= depth <= MAX_DEPTH:
        raise ValueError(f"Impact looks 0 to {MAX_DEPTH} rounds far.")
    found, truncated = (_above if direction == "up" else _below)(item.pk, depth, current)
    hidden = hidden_from(actor)
    seen = [one for one in found if one[0] not in hidden]  # both walks give the nearest first, then by id
    down, degraded = ([one for one in seen if one[1].state is state] for state in (State.DOWN, State.DEGRADED))
    return Impact(
        subject=item.reference,
        direction=direction,
        depth=depth,
        counts={"down": len(down), "degraded": len(degraded)},
        truncated=truncated or len(seen) > MOST_NODES,
        found=[Felt(one, felt.state, felt.depth, felt.via) for one, felt in (down + degraded)[:MOST_NODES]],
        hidden=hidden,
    )


def _above(subject: int, depth: int, current: bool) -> tuple[list[Walked], bool]:
    graph, own = snapshot().graph, current_states() if current else {}
    fails = felt_above(graph, {**own, subject: State.DOWN}, depth)
    as_it_is = felt_above(graph, own, depth).felt if own else {}
    before = {**own, **{one: felt.state for one, felt in as_it_is.items()}, subject: State.DOWN}
    worse: list[Walked] = [
        (one, felt) for one, felt in fails.felt.items() if one not in before or felt.state > before[one]
    ]
    return worse, fails.truncated


def _below(subject: int, depth: int, current: bool) -> tuple[list[Walked], bool]:
    graph = snapshot().graph
    found = hurting(graph, subject, depth)
    further = len(hurting(graph, subject, depth + 1)) if depth < MAX_DEPTH else len(found)
    return [(one.provider, one) for one in found], further > len(found)


def current_states(at: datetime | None = None) -> dict[int, State]:
    """Item -> the worst of what incidents (by their rule) and monitors (open conditions) say of it now."""
    found = said_by_sources(at or timezone.now())
    for item, state in Condition.objects.filter(until=None).values_list("ci_id", "state"):
        found[item] = max(found.get(item, State.UP), State[state.upper()])
    return found


def services_felt(own: Mapping[int, State], actor: Actor, depth: int = DEPTH) -> list[FeltService]:
    """The services that feel it when items have these states, worst first, as far as the actor may see them.

    An item of `own` that is a service is named as well, at depth 0. Four queries at most; none for no items.
    """
    if not own:
        return []
    now = snapshot()
    felt = {
        one: Felt(one, found.state, found.depth, found.via)
        for one, found in felt_above(now.graph, own, depth).felt.items()
    }
    for item, state in own.items():
        if item not in felt or felt[item].state <= state:
            felt[item] = Felt(item, state, 0, ())
    hidden = hidden_from(actor)
    rows = visible_services(actor).filter(pk__in=[one for one in felt if one in now.services and one not in hidden])
    names = {pk: (slug, name) for pk, slug, name in rows.values_list("pk", "slug", "name")}
    there = sorted((felt[pk] for pk in names), key=lambda one: (-one.state, one.depth, one.item))
    return [FeltService(*names[one.item], one.state.name.lower(), one.depth, _named(one.via, hidden)) for one in there]


def with_ways(found: Sequence[Way], actor: Actor) -> list[tuple[Way, list[tuple[str, str]]]]:
    """Each with its way as (reference, name); what is not to be seen has no name. One query, none for no ways."""
    numbers = {number_in(step, PREFIX) or 0 for one in found for step in one.via if step != HIDDEN}
    names = visible_items(actor).filter(pk__in=numbers).values_list("pk", "name")
    named = {reference(PREFIX, pk): name for pk, name in names}
    return [(one, [(step, named.get(step, "")) for step in one.via]) for one in found]


def _named(items: Sequence[int], hidden: Collection[int]) -> tuple[str, ...]:
    return tuple(HIDDEN if item in hidden else reference(PREFIX, item) for item in items)


def _nodes(found: Sequence[Felt], hidden: Collection[int]) -> list[Node]:
    with connection.cursor() as cursor:
        # One array: as thousands of places in a statement they take longer to write and to read than to look up.
        cursor.execute(_NAMES, [[one.item for one in found]])
        rows = cursor.fetchall()
    of_classes = {row[1:4] for row in rows}  # a few for thousands of items
    classes = {slug: (slug, shown_name(name, built_in)) for slug, name, built_in in of_classes}
    known = {pk: (*classes[slug], name) for pk, slug, _name, _built_in, name in rows}
    called = {item: HIDDEN if item in hidden else reference(PREFIX, item) for item in _all_on(found)}
    states = {state: state.name.lower() for state in State}
    return [
        Node(
            one.item,
            called[one.item],
            *known[one.item],
            states[one.state],
            one.depth,
            tuple([called[item] for item in one.via]),
        )
        for one in found
        if one.item in known
    ]


def _all_on(found: Sequence[Felt]) -> set[int]:
    """What is felt, and every step on the ways to it."""
    return {one.item for one in found}.union(*[one.via for one in found])
