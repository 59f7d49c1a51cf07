"""What could hurt an item: each thing that it rests on, failing alone, and what the item would become of it.

All single failures are walked at once: a set of failures is a whole number, one bit for each. Per item and round there
are two such sets, the failures that bring it down and those that leave it not up; a hard arrow is an OR of them, a
group an "at least k of these". The rounds are those of `impact.felt_above`: each failure alone gives the same there.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from catalog.engine.graph import Below, Graph, Rule, State
from catalog.engine.impact import DEPTH, MAX_DEPTH


class Hurt(NamedTuple):
    """The subject's state when `provider` alone fails. `via` leads from the subject's direct neighbour to the provider;
    `depth` is its length, the round of that state. DOWN: a single point of failure."""

    provider: int
    state: State
    depth: int
    via: tuple[int, ...]


class _Sets(NamedTuple):
    """Of one item after one round: the failures (bits) with which it is down, and with which it is not up."""

    down: int = 0
    not_up: int = 0


NOWHERE = Below()
NONE = _Sets()


def hurting(graph: Graph, subject: int, depth: int = DEPTH) -> Sequence[Hurt]:
    """Every item that would hurt the subject within so many rounds by failing alone: worst first, nearest, then by id.

    ValueError for a depth outside 0 to 12.
    """
    if not 0 <= depth <= MAX_DEPTH:
        raise ValueError(f"Impact looks 0 to {MAX_DEPTH} rounds far.")
    walk = _Walk(graph, subject, depth)
    found = [
        Hurt(walk.items[bit], state, len(via), via)
        for state, bits in walk.outcomes()
        for bit in _bits(bits)
        for via in [walk.via(bit)]
    ]
    return sorted(found, key=lambda one: (-one.state, one.depth, one.provider))


class _Walk:
    """The rounds, kept one by one: who was hurt when says by which way."""

    def __init__(self, graph: Graph, subject: int, depth: int) -> None:
        self.graph, self.subject = graph, subject
        distances = _distances(graph, subject, depth)
        self.items = sorted(item for item in distances if item != subject)
        start = {item: _Sets(1 << bit, 1 << bit) for bit, item in enumerate(self.items)}
        self.rounds = [{subject: NONE, **start}]
        self.witnesses: dict[tuple[int, int], dict[int, int]] = {}
        for round_number in range(1, depth + 1):
            # What is farther away than rounds are left cannot reach the subject any more.
            left = depth - round_number
            before = self.rounds[-1]
            self.rounds.append(
                {item: self._next(item, before) for item, distance in distances.items() if distance <= left}
            )

    def outcomes(self) -> tuple[tuple[State, int], ...]:
        """(state, the failures after which the subject is in it), for the two states that hurt."""
        final = self.rounds[-1].get(self.subject, NONE)
        return (State.DOWN, final.down), (State.DEGRADED, final.not_up & ~final.down)

    def via(self, bit: int) -> tuple[int, ...]:
        """The way from the subject's neighbour to what failed, by the witness of each round."""
        mask = 1 << bit
        final = self.rounds[-1][self.subject]
        worst = 0 if final.down & mask else 1
        number = next(at for at, sets in enumerate(self.rounds) if sets[self.subject][worst] & mask)
        item, way = self.subject, []
        for round_number in range(number, 0, -1):
            item = self._witnesses(item, round_number)[bit]
            way.append(item)
        return tuple(way)

    def _next(self, item: int, before: dict[int, _Sets]) -> _Sets:
        below = self.graph.below.get(item, NOWHERE)
        down, not_up = before[item]
        for provider in below.hard:
            down |= before[provider].down
            not_up |= before[provider].not_up
        for provider in below.soft:
            not_up |= before[provider].down
        for rule in below.rules:
            breaks, hurts = _given(rule, before)
            if rule.hard:
                down |= breaks
            not_up |= breaks | hurts
        return _Sets(down, not_up | down)

    def _witnesses(self, item: int, round_number: int) -> dict[int, int]:
        """Failure (bit) -> the lowest-numbered provider that made this item worse in this round. Worked out once."""
        if (item, round_number) not in self.witnesses:
            self.witnesses[item, round_number] = self._find_witnesses(item, round_number)
        return self.witnesses[item, round_number]

    def _find_witnesses(self, item: int, round_number: int) -> dict[int, int]:
        now, before = self.rounds[round_number][item], self.rounds[round_number - 1]
        fell = now.down & ~before[item].down
        sagged = now.not_up & ~now.down & ~before[item].not_up
        found: dict[int, int] = {}
        for provider, downs, degrades in sorted(self._offers(item, round_number)):
            taken = (fell & downs) | (sagged & degrades)
            fell, sagged = fell & ~taken, sagged & ~taken
            for bit in _bits(taken):
                found[bit] = provider
            if not fell | sagged:
                break
        return found

    def _offers(self, item: int, round_number: int) -> Iterable[tuple[int, int, int]]:
        """(provider, the failures by which it brings the item down, by which it degrades it), of what changed last."""
        before = self.rounds[round_number - 1]
        earlier = self.rounds[round_number - 2] if round_number > 1 else {}
        below = self.graph.below.get(item, NOWHERE)

        def changed(provider: int) -> tuple[int, int]:
            was, now = earlier.get(provider, NONE), before[provider]
            fresh = now.down & ~was.down
            return fresh, fresh | (now.not_up & ~was.not_up)

        for provider in below.hard:
            down, either = changed(provider)
            yield provider, down, either & ~down
        for provider in below.soft:
            yield provider, 0, changed(provider)[0]
        for rule in below.rules:
            breaks, hurts = _given(rule, before)
            for provider in rule.members:
                down, either = changed(provider)
                broken = down & breaks
                yield provider, broken if rule.hard else 0, (0 if rule.hard else broken) | (either & hurts)


def _given(rule: Rule, before: dict[int, _Sets]) -> tuple[int, int]:
    """(the failures that break the group, those that leave it less than whole)."""
    members = [before[member] for member in rule.members]
    breaks = at_least(rule.breaks_at, [sets.down for sets in members])
    return breaks, at_least(rule.hurts_at, [sets.not_up for sets in members]) if rule.hard else 0


def at_least(least: int, sets: Sequence[int]) -> int:
    """The bits that lie in at least so many of these sets. All bits are counted at once, in binary."""
    places: list[int] = []  # places[i]: the bits whose count has 2^i in it
    for carry in sets:
        for place, held in enumerate(places):
            places[place], carry = held ^ carry, held & carry
            if not carry:
                break
        if carry:
            places.append(carry)
    if least >> len(places):
        return 0
    above, equal = 0, -1  # -1: all bits
    for place in reversed(range(len(places))):
        if least >> place & 1:
            equal &= places[place]
        else:
            above |= equal & places[place]
            equal &= ~places[place]
    return above | equal


def _distances(graph: Graph, subject: int, depth: int) -> dict[int, int]:
    """What the subject rests on -> how many arrows away, up to `depth` of them."""
    distances = {subject: 0}
    edge = [subject]
    for distance in range(1, depth + 1):
        fresh: set[int] = set()
        for item in edge:
            below = graph.below.get(item, NOWHERE)
            fresh.update(below.hard, below.soft, *(rule.members for rule in below.rules))
        edge = [item for item in fresh if item not in distances]
        distances.update(dict.fromkeys(edge, distance))
    return distances


def _bits(bits: int) -> Iterable[int]:
    """The numbers of the bits that are set, ascending."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)
