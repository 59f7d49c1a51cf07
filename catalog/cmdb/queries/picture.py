"""An impact as a picture: columns by rounds, and by class where there would be too many nodes to read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext

from catalog.cmdb.models import CI, CIClass, Layout
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.impact import Impact, Node
from catalog.services.queries.graph import snapshot
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in

MOST_DRAWN = 200  # nodes; more are drawn by class
# In pixels, as js/graph.js draws nodes: a letter, the edge around a label, the widest label; from one node to the next
# below; between rounds, where arrows need room, and between the parts of one round; what is seen at once.
_LETTER, _EDGE, _WIDEST = 7, 24, 190
_HIGH, _BETWEEN, _BESIDE, _SEEN = 40, 60, 18, 1250
_TALLEST = (12, 16, 20, 24, 28)  # nodes on top of each other before a column goes on beside itself


class Drawn(NamedTuple):
    """A node: an item, or several of one class, state and round."""

    key: str
    label: str
    state: str
    round: int
    items: tuple[int, ...]
    reference: str = ""


class Edge(NamedTuple):
    """From what fails to who feels it. `how`: "" hard, soft, group, or unseen (through what is not to be seen)."""

    provider: str
    consumer: str
    how: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`places`: node -> [x, y]."""

    nodes: list[Drawn]
    edges: list[Edge]
    places: Mapping[str, Sequence[float]]
    by_class: bool


def picture(subject: CI, found: Impact, actor: Actor) -> Picture:
    """The nodes of an impact with the arrows among them, each where its viewer moved it. Three queries at most."""
    by_class = len(found.nodes) > MOST_DRAWN
    here = Drawn(subject.reference, subject.name, "", 0, (subject.pk,), subject.reference)
    nodes = [here, *(_by_class(found.nodes) if by_class else map(_alone, found.nodes))]
    moved = Layout.objects.filter(subject=subject, viewer=actor.id).values_list("positions", flat=True).first() or {}
    edges = sorted(_edges(nodes, found))
    places = {**_columns(nodes, edges, -1 if found.direction == "down" else 1), **moved}
    keys = {one.key for one in nodes}
    return Picture(
        nodes,
        edges,
        {key: place for key, place in places.items() if key in keys},
        by_class,
    )


def _alone(node: Node) -> Drawn:
    return Drawn(node.reference, node.name, node.state, node.depth, (node.item_id,), node.reference)


def _by_class(nodes: Iterable[Node]) -> Iterator[Drawn]:
    heaps: dict[tuple[int, str, str], list[Node]] = defaultdict(list)
    for one in nodes:
        heaps[one.depth, one.state, one.class_slug].append(one)
    names = {one.slug: str(one) for one in CIClass.objects.filter(slug__in={key[2] for key in heaps})}
    for (depth, state, slug), heap in sorted(heaps.items()):
        if len(heap) == 1:
            yield _alone(heap[0])
            continue
        label = gettext("%(count)s × %(class)s") % {"count": len(heap), "class": names.get(slug, slug)}
        yield Drawn(f"{depth}.{state}.{slug}", label, state, depth, tuple(one.item_id for one in heap))


def _columns(nodes: Sequence[Drawn], edges: Iterable[Edge], way: int) -> dict[str, list[float]]:
    """A column per round, the worst first, each beside what it hangs on; a long one goes on beside itself.

    Columns are as wide as their labels, and as tall as it takes for the whole to be read without zooming in.
    """
    rounds = _in_order(nodes, edges)
    tallest = next((most for most in _TALLEST if _across(rounds, most) <= _SEEN), _TALLEST[-1])
    places: dict[str, list[float]] = {}
    x = 0.0
    for column in rounds:
        for part in _parts(column, tallest):
            middle = x + _wide(part) / 2
            for row, one in enumerate(part):
                places[one.key] = [way * middle, (row - (len(part) - 1) / 2) * _HIGH]
            x += _wide(part) + _BESIDE
        x += _BETWEEN - _BESIDE
    return places


def _in_order(nodes: Sequence[Drawn], edges: Iterable[Edge]) -> list[list[Drawn]]:
    """The nodes by rounds; those of one state in the order of what they hang on, so that few arrows cross."""
    rounds: dict[int, list[Drawn]] = defaultdict(list)
    for one in nodes:
        rounds[one.round].append(one)
    joined: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        joined[edge.provider].append(edge.consumer)
        joined[edge.consumer].append(edge.provider)
    rows: dict[str, float] = {}
    ordered = []
    for _round, column in sorted(rounds.items()):
        states = list(dict.fromkeys(one.state for one in column))
        at = {one.key: [rows[key] for key in joined[one.key] if key in rows] or [0.0] for one in column}
        column.sort(key=lambda one: (states.index(one.state), sum(at[one.key]) / len(at[one.key])))
        rows.update({one.key: row - (len(column) - 1) / 2 for row, one in enumerate(column)})
        ordered.append(column)
    return ordered


def _across(rounds: Iterable[Sequence[Drawn]], tallest: int) -> float:
    """How wide the picture is where no column is taller."""
    parts = [list(_parts(column, tallest)) for column in rounds]
    return sum(_wide(part) + _BESIDE for column in parts for part in column) + len(parts) * (_BETWEEN - _BESIDE)


def _parts(column: Sequence[Drawn], tallest: int) -> Iterator[Sequence[Drawn]]:
    count = -(-len(column) // tallest)
    each = -(-len(column) // count)  # as even as can be: no last one of two nodes
    return (column[begins : begins + each] for begins in range(0, len(column), each))


def _wide(part: Sequence[Drawn]) -> int:
    return max(min(_WIDEST, _EDGE + _LETTER * len(one.label)) for one in part)


def _edges(nodes: Sequence[Drawn], found: Impact) -> set[Edge]:
    key_of = {item: one.key for one in nodes for item in one.items}
    below, edges = snapshot().graph.below, set[Edge]()
    for item, key in key_of.items():
        rests_on = below.get(item)
        if rests_on is None:
            continue
        arrows = [(one, "") for one in rests_on.hard] + [(one, "soft") for one in rests_on.soft]
        arrows += [(one, "group") for rule in rests_on.rules for one in rule.members]
        edges |= {Edge(key_of[one], key, how) for one, how in arrows if one in key_of and key_of[one] != key}
    return edges | _through_the_unseen(found, key_of)


def _through_the_unseen(found: Impact, key_of: Mapping[int, str]) -> set[Edge]:
    """Ways whose next step is not to be seen: drawn from the first one that is."""
    edges, up = set(), found.direction == "up"
    for node in found.nodes:
        # From the node's own neighbour on: downwards a way begins at the subject, and ends with the node itself.
        steps: list[Any] = [number_in(step, PREFIX) for step in (node.via if up else node.via[-2::-1])]
        if not steps or steps[0] is not None:
            continue
        other = next((key_of[step] for step in steps if step in key_of), found.subject)
        ends = (other, key_of[node.item_id]) if up else (key_of[node.item_id], other)
        edges.add(Edge(*ends, "unseen"))
    return edges
