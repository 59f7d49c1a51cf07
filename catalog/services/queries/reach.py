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


def reached_and_run_on(changed: Collection[int], depth: int = REACH_DEPTH) -> tuple[list[Reached], list[int]]:
    """`reached_from`, and these themselves with the items that they rest on, down to the next services and without
    those. One query for both.
    """
    seen = snapshot()
    found = services_reached(seen.graph, changed, seen.services, depth).services
    return [Reached(one.service, one.depth, one.path, one.via) for one in found], _run_on(seen, changed)


def run_on(changed: Collection[int]) -> list[int]:
    """These, services or not, with the items that they rest on, down to the next services, without those. One query."""
    return _run_on(snapshot(), changed)


def read_by_changes_of(services: Collection[int], depth: int = REACH_DEPTH) -> list[int]:
    """The items whose changes are judged by these services as well: they themselves, and what they rest on, services
    and what lies below them. One query.

    Redundancy is left out of account: who might be judged by it counts.
    """
    if not services:
        return []
    seen = snapshot()
    found = edge = set(services)
    for round_ in range(depth + 1):
        below = _below(seen, edge, through_services=round_ < depth) - found
        found = found | below
        edge = below & seen.services
        if not edge:
            break
    return sorted(found)


def next_below(services: Collection[int]) -> dict[int, set[int]]:
    """Of each of these the services that it rests on next, through whatever lies between. One query."""
    seen = snapshot()
    return {one: _below(seen, [one], through_services=True) & seen.services for one in services}


def _run_on(seen: Snapshot, changed: Collection[int]) -> list[int]:
    return sorted({*changed, *_below(seen, changed, through_services=False)})


def _below(seen: Snapshot, edge: Collection[int], *, through_services: bool) -> set[int]:
    """What these rest on, up to the next services; the last round ends before those."""
    known, level = set(edge), set(edge)
    for _ in range(MAX_HOPS + 1):
        below = {one for item in level for one in _providers(seen, item)} - known
        if not through_services:
            below -= seen.services
        known |= below
        level = below - seen.services
        if not level:
            break
    return known - set(edge)


def _providers(seen: Snapshot, item: int) -> set[int]:
    rests_on = seen.graph.below.get(item)
    if rests_on is None:
        return set()
    return {*rests_on.hard, *(member for rule in rests_on.rules if rule.hard for member in rule.members)}
