"""Who feels it when items fail: rounds from the failed ones upwards.

An item's state is the worst of its own and what arrives. By a hard arrow arrives the provider's state, by a soft one a
degree less; a group gives what its rule says. Round r looks at the states after round r-1 and only raises; it ends
after `depth` rounds, or at rest. So loops end, and sustain nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.engine.graph import THROUGH_HARD, THROUGH_SOFT, Graph, State

DEPTH = 5  # rounds, unless told otherwise
MAX_DEPTH = 12


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
    states = {item: state for item, state in own.items() if state}
    changed = {item: Felt(state, 0, ()) for item, state in states.items()}
    felt: dict[int, Felt] = {}
    vias: dict[int, tuple[int, ...]] = dict.fromkeys(states, ())
    counts: dict[int, tuple[int, int]] = {}  # of a rule: members down, members not up
    before: dict[int, State] = dict.fromkeys(states, State.UP)
    for round_number in range(1, depth + 1):
        raised = _raised(graph, states, sorted(changed), before, counts)
        if not raised:
            return Impact(felt, truncated=False)
        changed = {
            item: Felt(state, round_number, (witness, *vias[witness])) for item, (state, witness) in raised.items()
        }
        before = {item: states.get(item, State.UP) for item in changed}
        for item, one in changed.items():
            states[item], vias[item] = one.state, one.via
        felt = {item: one for item, one in felt.items() if item not in changed} | dict(sorted(changed.items()))
    return Impact(felt, truncated=bool(_raised(graph, states, sorted(changed), before, counts)))


def _raised(
    graph: Graph,
    states: Mapping[int, State],
    changed: list[int],
    before: Mapping[int, State],
    counts: dict[int, tuple[int, int]],
) -> dict[int, tuple[State, int]]:
    """Item -> (its worse state, the witness), given which changed in the round before, ascending, and from what."""
    _count(graph, states, changed, before, counts)
    raised: dict[int, tuple[State, int]] = {}
    up = State.UP
    nothing: list[int] = []
    for provider in changed:
        state = states[provider]
        for consumers, arriving in (
            (graph.hard.get(provider, nothing), THROUGH_HARD[state]),
            (graph.soft.get(provider, nothing), THROUGH_SOFT[state]),
        ):
            if arriving:
                for consumer in consumers:
                    if arriving > states.get(consumer, up) and (
                        consumer not in raised or arriving > raised[consumer][0]
                    ):
                        raised[consumer] = (arriving, provider)
        for index in graph.joins.get(provider, nothing):
            rule = graph.rules[index]
            arriving = rule.gives(*counts[index])
            consumer = rule.consumer
            if (
                arriving > states.get(consumer, up)
                and (consumer not in raised or arriving > raised[consumer][0])
                and (state is State.DOWN or counts[index][0] < rule.breaks_at)
            ):
                raised[consumer] = (arriving, provider)
    return raised


def _count(
    graph: Graph,
    states: Mapping[int, State],
    changed: list[int],
    before: Mapping[int, State],
    counts: dict[int, tuple[int, int]],
) -> None:
    """Each change is counted once, in the groups that its item is a member of."""
    for provider in changed:
        for index in graph.joins.get(provider, ()):
            down, not_up = counts.get(index, (0, 0))
            counts[index] = (down + (states[provider] is State.DOWN), not_up + (before[provider] is State.UP))
