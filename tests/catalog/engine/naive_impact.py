"""What impact must be, worked out the slow way: every item anew in every round, sharing nothing with the walk but the rows.

Also the random graphs on which both are held against each other, and the reach of a change as it was walked when the
catalog knew services only.
"""

from collections import defaultdict
from math import ceil
from random import Random

from catalog.engine.graph import Arrow, Group, State

Outcome = dict[int, tuple[State, int, tuple[int, ...]]]


def soften(state: State) -> State:
    return State.DEGRADED if state == State.DOWN else State.UP


def group_state(group: Group, members: dict[int, bool], states: dict[int, State]) -> State:
    """`members`: provider -> whether it is one by a hard arrow."""
    of = len(members)
    needs = min(of, group.needs if group.needs is not None else ceil(of * (group.share or 0) / 100))
    whole = min(of, of if group.whole_below is None else group.whole_below)
    working = [states[member] for member in members]
    state = State.UP
    if sum(one != State.DOWN for one in working) < needs:
        state = State.DOWN
    elif sum(one == State.UP for one in working) < whole:
        state = State.DEGRADED
    return state if any(members.values()) else soften(state)


def naive(arrows: list[Arrow], groups: list[Group], own: dict[int, State], depth: int) -> tuple[Outcome, bool]:
    """(item -> (state, round, way), whether one more round would raise somebody)."""
    items = {arrow.provider for arrow in arrows} | {arrow.consumer for arrow in arrows} | set(own)
    members: dict[int, dict[int, bool]] = defaultdict(dict)
    for arrow in arrows:
        if arrow.group is not None:
            members[arrow.group][arrow.provider] = arrow.hard or members[arrow.group].get(arrow.provider, False)
    states = {item: own.get(item, State.UP) for item in items}
    earlier = dict.fromkeys(items, State.UP)
    outcome: Outcome = {item: (state, 0, ()) for item, state in states.items() if state}
    for number in range(1, depth + 2):
        arriving: dict[int, list[tuple[State, list[int]]]] = defaultdict(list)
        for arrow in arrows:
            if arrow.group is None:
                got = states[arrow.provider] if arrow.hard else soften(states[arrow.provider])
                arriving[arrow.consumer].append((got, [arrow.provider]))
        for group in groups:
            got = group_state(group, members[group.id], states)
            broken = sum(states[one] != State.DOWN for one in members[group.id]) < min(
                len(members[group.id]),
                group.needs if group.needs is not None else ceil(len(members[group.id]) * (group.share or 0) / 100),
            )
            giving = [one for one in members[group.id] if states[one] == State.DOWN or (not broken and states[one])]
            arriving[group.consumer].append((got, giving))
        raised: Outcome = {}
        for item in items:
            worst = max((got for got, _ in arriving[item]), default=State.UP)
            if worst > states[item]:
                witnesses = [
                    one
                    for got, giving in arriving[item]
                    if got == worst
                    for one in giving
                    if states[one] != earlier[one]
                ]
                witness = min(witnesses)
                raised[item] = (worst, number, (witness, *outcome[witness][2]))
        if number > depth:
            return {item: one for item, one in outcome.items() if one[1]}, bool(raised)
        earlier = dict(states)
        outcome |= raised
        states |= {item: one[0] for item, one in raised.items()}
    raise AssertionError("unreachable")


def random_graph(dice: Random) -> tuple[list[Arrow], list[Group]]:
    """Up to a dozen items with loops, groups by count and share, and arrows of both kinds, some of them twice."""
    size = dice.randint(2, 12)
    items = dice.sample(range(1, 100), size)
    groups = []
    for number in range(dice.randint(0, size)):
        numbers = (dice.randint(1, 4), None) if dice.random() < 0.6 else (None, dice.randint(1, 100))
        whole = dice.randint(1, 5) if dice.random() < 0.4 else None
        groups.append(Group(number, dice.choice(items), *numbers, whole))
    arrows = []
    for _ in range(dice.randint(1, size * 3)):
        provider, consumer = dice.sample(items, 2)
        ours = [group.id for group in groups if group.consumer == consumer]
        grouped = dice.choice(ours) if ours and dice.random() < 0.7 else None
        arrows.append(Arrow(provider, consumer, dice.random() < 0.75, grouped))
    return arrows, [group for group in groups if any(arrow.group == group.id for arrow in arrows)]


Dependencies = list[tuple[int, int, str, int]]  # service, what it depends on, redundancy group or "", needs


def spread(changed: set[int], arrows: Dependencies, depth: int) -> dict[int, tuple[int, ...]]:
    """Service -> path to what was changed, as the gate walked it while it knew services only."""
    groups: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    dependents: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for service, provider, redundancy, needs in arrows:
        groups[service, redundancy].append((provider, needs))
        dependents[provider].append((service, redundancy))
    paths: dict[int, tuple[int, ...]] = dict.fromkeys(changed, ())
    edge = set(changed)
    for _ in range(depth):
        fresh: dict[int, tuple[int, ...]] = {}
        for provider in sorted(edge):
            for service, redundancy in dependents[provider]:
                if service not in paths and _breaks(groups[service, redundancy], redundancy, paths):
                    fresh.setdefault(service, (provider, *paths[provider]))
        paths.update(fresh)
        edge = set(fresh)
    return {service: path for service, path in paths.items() if path}


def _breaks(group: list[tuple[int, int]], redundancy: str, touched: dict[int, tuple[int, ...]]) -> bool:
    if not redundancy:
        return True
    return sum(1 for provider, _ in group if provider not in touched) < max(needs for _, needs in group)
