"""Which services a change reaches, and whose changes a service is judged by: what runs below services counts."""

from collections.abc import Collection
from dataclasses import dataclass

from catalog.engine.reach import MAX_HOPS, services_reached
from catalog.services.queries.graph import Snapshot, snapshot

REACH_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Reached:
    """A service that a change reaches through others. `path` leads from it to the changed one, by services.

    `via` is the same way with the items that lie between, hosts and databases and what else services rest on.
    """

    service_id: int
    depth: int
    path: tuple[int, ...]
    via: tuple[int, ...] = ()


def reached_from(changed: Collection[int], depth: int = REACH_DEPTH) -> list[Reached]:
    """Services that break when these items (services or not) do, directly or through others, nearest first.

    One query; loops are safe. A redundancy group is reached only when fewer members than it needs stay untouched.
    """
    if not changed:
        return []
    seen = snapshot()
    found = services_reached(seen.graph, changed, seen.services, depth).services
    return [Reached(one.service, one.depth, one.path, one.via) for one in found]


def read_by_changes_of(services: Collection[int], depth: int = REACH_DEPTH) -> list[int]:
    """The services whose changes are judged by these as well: themselves, and what they rest on. One query.

    Redundancy is left out of account: who might be judged by it counts.
    """
    if not services:
        return []
    seen = snapshot()
    found = edge = set(services)
    for _ in range(depth):
        edge = _services_below(seen, edge) - found
        if not edge:
            break
        found = found | edge
    return sorted(found)


def next_below(services: Collection[int]) -> dict[int, set[int]]:
    """Of each of these the services that it rests on next, through whatever lies between. One query."""
    seen = snapshot()
    return {one: _services_below(seen, [one]) for one in services}


def _services_below(seen: Snapshot, edge: Collection[int]) -> set[int]:
    """The next services below these, through whatever lies between."""
    found: set[int] = set()
    known, level = set(edge), set(edge)
    for _ in range(MAX_HOPS + 1):
        below = {one for item in level for one in _providers(seen, item)} - known
        known |= below
        found |= below & seen.services
        level = below - seen.services
        if not level:
            break
    return found


def _providers(seen: Snapshot, item: int) -> set[int]:
    rests_on = seen.graph.below.get(item)
    if rests_on is None:
        return set()
    return {*rests_on.hard, *(member for rule in rests_on.rules if rule.hard for member in rule.members)}
