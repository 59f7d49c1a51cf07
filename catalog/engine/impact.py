"""Who feels it when items fail: rounds from the failed ones upwards.

An item's state is the worst of its own and what arrives. By a hard arrow arrives the provider's state, by a soft one a
degree less; a group gives what its rule says. Round r looks at the states after round r-1 and only raises; it ends
after `depth` rounds, or at rest. So loops end, and sustain nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.engine.graph import DEGRADED, DOWN, Graph, State

DEPTH = 5  # rounds, unless told otherwise
MAX_DEPTH = 12
STATES = tuple(State)


class Felt(NamedTuple):
    """How an item is because of others. `depth` is the round of its final state. `via` leads from the direct neighbour
    to one that failed by itself: ids, as many as rounds."""

    state: State
    depth: int
    via: tuple[int, ...]


class Impact(NamedTuple):
    """Item -> what it feels, nearest first, then by id. `truncated`: a further round would still raise one."""

    felt: dict[int, Felt]
    truncated: bool


def felt_above(graph: Graph, own: Mapping[int, State], depth: int = DEPTH) -> Impact:
    """What the items above feel when these have states of their own. Without the latter, unless others make them worse.

    The witness of a state is the lowest-numbered provider that changed in the round before and gives it; of a group
    that is down, a member that is down itself. ValueError for a depth outside 0 to 12.
    """
    if not 0 <= depth <= MAX_DEPTH:
        raise ValueError(f"Impact looks 0 to {MAX_DEPTH} rounds far.")
    walk = _Walk(graph, own)
    rounds = 0
    while rounds < depth and walk.take_a_round():
        rounds += 1
    found = walk.felt()
    return Impact(found, truncated=rounds == depth and walk.take_a_round())


class _Walk:
    """Who is how after the rounds so far. By places, not ids: ten thousand items must not take long.

    What changed last is looked at by ascending number, so the first to give a state is its witness.
    """

    def __init__(self, graph: Graph, own: Mapping[int, State]) -> None:
        self.graph = graph
        self.states = bytearray(len(graph.ids))
        for item, state in own.items():
            if state and item in graph.places:
                self.states[graph.places[item]] = state
        self.raised = bytearray(self.states)  # the states with what this round makes of them
        self.changed = [place for place, state in enumerate(self.states) if state]
        self.witnesses = [0] * len(graph.ids)
        self.vias: list[tuple[int, ...]] = [()] * len(graph.ids)
        self.rounds: list[list[int]] = []
        self.counted = bytearray(len(graph.ids))  # who is counted as not up in its groups
        self.down_in = [0] * len(graph.rules)
        self.not_up_in = [0] * len(graph.rules)

    def take_a_round(self) -> bool:
        """Whether anybody's state is worse than before. No: it is at rest."""
        touched = self._raise_by_arrows() + self._raise_by_groups(self._count())
        self.changed = sorted(set(touched))
        ids, vias, witnesses = self.graph.ids, self.vias, self.witnesses
        # A witness may have been raised in this very round as well: its way is the one that it had before.
        ways = [(ids[witnesses[place]], *vias[witnesses[place]]) for place in self.changed]
        for place, way in zip(self.changed, ways, strict=True):
            self.states[place], vias[place] = self.raised[place], way
        self.rounds.append(self.changed)
        return bool(self.changed)

    def felt(self) -> dict[int, Felt]:
        """What all feel that others made worse, by round and id."""
        ids, states, vias = self.graph.ids, self.states, self.vias
        return {
            ids[place]: Felt(STATES[states[place]], number, vias[place])
            for number, places in enumerate(self.rounds, start=1)
            for place in places
            if len(vias[place]) == number  # else it was raised again later
        }

    def _raise_by_arrows(self) -> list[int]:
        states, raised, witnesses = self.states, self.raised, self.witnesses
        hard, soft, touched = self.graph.hard, self.graph.soft, list[int]()
        for provider in self.changed:
            state = states[provider]
            for consumer in hard[provider]:
                if raised[consumer] < state:
                    raised[consumer], witnesses[consumer] = state, provider
                    touched.append(consumer)
            if state == DOWN:
                for consumer in soft[provider]:
                    if not raised[consumer]:
                        raised[consumer], witnesses[consumer] = DEGRADED, provider
                        touched.append(consumer)
        return touched

    def _raise_by_groups(self, witnesses: dict[int, int]) -> list[int]:
        touched = []
        for index, witness in witnesses.items():
            rule = self.graph.rules[index]
            state = rule.gives(self.down_in[index], self.not_up_in[index])
            consumer = self.graph.places[rule.consumer]
            known = self.raised[consumer]
            # An arrow of this round may have said the same by a higher number.
            if state > known or (state == known > self.states[consumer] and witness < self.witnesses[consumer]):
                self.raised[consumer], self.witnesses[consumer] = state, witness
                touched.append(consumer)
        return touched

    def _count(self) -> dict[int, int]:
        """Count what changed last. Group's index -> the lowest-numbered member that may be its witness."""
        joins, down_in, not_up_in = self.graph.joins, self.down_in, self.not_up_in
        fallen, sagged = dict[int, int](), dict[int, int]()
        for provider in self.changed:
            if not joins[provider]:
                continue
            fell = self.states[provider] == DOWN
            was_up = not self.counted[provider]
            self.counted[provider] = True
            for index in joins[provider]:
                down_in[index] += fell
                not_up_in[index] += was_up
                (fallen if fell else sagged).setdefault(index, provider)
        return {
            index: fallen[index] if self._broken(index) else min(fallen.get(index, place), place)
            for index, place in {**fallen, **sagged}.items()
            if index in fallen or not self._broken(index)
        }

    def _broken(self, index: int) -> bool:
        return self.down_in[index] >= self.graph.rules[index].breaks_at
