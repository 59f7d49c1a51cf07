"""Which services a change reaches: those that are down going up from what it changes.

Rounds count services. Items that are none (hosts, databases) are closed over inside a round, up to 20 arrows in a row,
so that what runs below services adds to the reach and does not use up its depth. Only what breaks counts: hard arrows,
and groups with fewer members left than they need.
"""

from collections.abc import Collection, Container
from typing import NamedTuple

from catalog.engine.graph import Graph
from catalog.engine.impact import DEPTH

MAX_HOPS = 20  # arrows through items inside one round


class Reached(NamedTuple):
    """A service that a change reaches. `path` leads from it to what was changed, by services only and what was changed
    at its end: `depth` ids. `via` names the items in between as well."""

    service: int
    depth: int
    path: tuple[int, ...]
    via: tuple[int, ...]


class Reach(NamedTuple):
    """The services reached, nearest first, then by id; `truncated`: with more rounds or arrows there might be more."""

    services: list[Reached]
    truncated: bool


def services_reached(graph: Graph, changed: Collection[int], services: Container[int], depth: int = DEPTH) -> Reach:
    """The services that break when these items (services or not) break, up to so many services away.

    A service is reached by the fewest services; among equals by the fewest items, then by the lowest-numbered provider.
    ValueError for a negative depth.
    """
    if depth < 0:
        raise ValueError("A change reaches so many services far, none or more.")
    walk = _Walk(graph, services, changed)
    for _ in range(depth):
        if not walk.take_a_round():
            break
    found = sorted((one for one in walk.reached.values() if one.depth), key=lambda one: (one.depth, one.service))
    return Reach(found, truncated=walk.cut or bool(walk.take_a_round()))


class _Walk:
    """What is down so far, and how each group stands."""

    def __init__(self, graph: Graph, services: Container[int], changed: Collection[int]) -> None:
        self.graph, self.services = graph, services
        # What is down, services or not: the way from it to what was changed.
        self.reached = {item: Reached(item, 0, (), ()) for item in sorted(changed)}
        self.broken: dict[int, int] = {}  # members that are down, of the rules that have some
        self.edge = sorted(changed)  # the services (and what was changed) of the last round
        self.items: dict[int, Reached] = {}
        self.cut = False

    def take_a_round(self) -> bool:
        """Whether it reached any service."""
        fresh: dict[int, Reached] = {}
        edge = self.edge
        for hop in range(MAX_HOPS + 1):
            inside: dict[int, Reached] = {}
            for provider in edge:
                self._count(provider)
            for provider in edge:
                for consumer in self._broken_by(provider):
                    if consumer in self.reached or consumer in self.items or consumer in fresh or consumer in inside:
                        continue
                    into = fresh if consumer in self.services else inside
                    into[consumer] = self._next(consumer, provider)
            if hop == MAX_HOPS and inside:
                self.cut = True
                break
            self.items |= inside
            edge = sorted(inside)
            if not edge:
                break
        self.reached |= fresh
        self.edge = sorted(fresh)
        return bool(fresh)

    def _next(self, consumer: int, provider: int) -> Reached:
        """One further away. An item has the depth and path of the round that it lies in; its services come after it."""
        if provider in self.items:
            _, depth, path, via = self.items[provider]
            return Reached(consumer, depth, path, (provider, *via))
        _, depth, path, via = self.reached[provider]
        return Reached(consumer, depth + 1, (provider, *path), (provider, *via))

    def _count(self, provider: int) -> None:
        for index in self.graph.joined_by(provider):
            self.broken[index] = self.broken.get(index, 0) + 1

    def _broken_by(self, provider: int) -> list[int]:
        rules = (self.graph.rules[index] for index in self.graph.joined_by(provider) if self._breaks(index))
        return [*self.graph.broken_by(provider), *(rule.consumer for rule in rules)]

    def _breaks(self, index: int) -> bool:
        rule = self.graph.rules[index]
        return rule.hard and self.broken[index] >= rule.breaks_at
