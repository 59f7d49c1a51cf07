"""The graph that impact is worked out on: who passes trouble on to whom, and how much of it.

Items are numbers (their primary keys). An arrow leads from a provider to the consumer that feels it. Of several
providers that stand in for each other a group says how many are enough. A graph is made once per snapshot and never
changes.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple


class State(IntEnum):
    """How an item is; the worse is the greater."""

    UP = 0
    DEGRADED = 1
    DOWN = 2


UP, DEGRADED, DOWN = State  # looking a member up by its class takes several times as long


class Arrow(NamedTuple):
    """`consumer` feels what happens to `provider`: all of it (`hard`), or one degree less. `group`: an id, or alone."""

    provider: int
    consumer: int
    hard: bool = True
    group: int | None = None


class Group(NamedTuple):
    """Providers of one consumer that stand in for each other.

    Enough are `needs` of them (a count of 1 or more), or `share` per cent of them (1 to 100), rounded up; one of the
    two is given. With fewer than `whole_below` of them up (a count; None: with any of them not up) the consumer is
    degraded.
    """

    id: int
    consumer: int
    needs: int | None = None
    share: int | None = None
    whole_below: int | None = None


class Rule(NamedTuple):
    """A group as it holds for the members it has: it is down with `breaks_at` of them down, degraded with `hurts_at` of
    them not up. Both are counts from 1 to the number of members. Soft when none of its arrows is hard."""

    consumer: int
    members: tuple[int, ...]
    breaks_at: int
    hurts_at: int
    hard: bool

    def gives(self, down: int, not_up: int) -> State:
        """The state that arrives with so many members down, and so many not up (the down ones among them)."""
        if down >= self.breaks_at:
            return DOWN if self.hard else DEGRADED
        return DEGRADED if self.hard and not_up >= self.hurts_at else UP


class Below(NamedTuple):
    """What one item rests on: providers by hard arrows, by soft ones (ascending, each once), and its groups' rules."""

    hard: tuple[int, ...] = ()
    soft: tuple[int, ...] = ()
    rules: tuple[Rule, ...] = ()


class Graph:
    """Arrows and groups, laid out for walking. Rows of a cursor serve as arrows: (provider, consumer, hard, group id).

    ValueError for an arrow whose group is missing or another consumer's, and for a group whose numbers say nothing.
    """

    def __init__(
        self, arrows: Iterable[Arrow | tuple[int, int, bool, int | None]] = (), groups: Iterable[Group] = ()
    ) -> None:
        known = {group.id: group for group in groups}
        providers, consumers, strengths, grouped = _in_columns(arrows)
        self.ids = sorted({*providers, *consumers})
        self.places = dict(zip(self.ids, range(len(self.ids)), strict=True))
        # By the provider's place, the places of its consumers, of hard and of soft arrows outside groups.
        self.hard: list[list[int]] = [[] for _ in self.ids]
        self.soft: list[list[int]] = [[] for _ in self.ids]
        members: dict[int, dict[int, bool]] = {}
        at = self.places.__getitem__
        ends = zip(map(at, providers), map(at, consumers), strengths, grouped, strict=True)
        for provider, consumer, hard, group in ends:
            if group is None:
                (self.hard if hard else self.soft)[provider].append(consumer)
                continue
            member, of = self.ids[provider], self.ids[consumer]
            if group not in known or known[group].consumer != of:
                raise ValueError(f"{member} -> {of} is in group {group}, which is not {of}'s.")
            inside = members.setdefault(group, {})
            inside[member] = hard or inside.get(member, False)
        self.rules = [_as_it_holds(known[group], inside) for group, inside in members.items()]
        # By the provider's place, the indexes of the rules that it is a member of.
        self.joins: list[list[int]] = [[] for _ in self.ids]
        for index, rule in enumerate(self.rules):
            for member in rule.members:
                self.joins[self.places[member]].append(index)

    def broken_by(self, item: int) -> list[int]:
        """The consumers that are down whenever this item is: those of its hard arrows outside groups."""
        place = self.places.get(item)
        return [] if place is None else [self.ids[consumer] for consumer in self.hard[place]]

    def joined_by(self, item: int) -> list[int]:
        """The indexes of the rules that this item is a member of."""
        place = self.places.get(item)
        return [] if place is None else self.joins[place]

    @cached_property
    def below(self) -> dict[int, Below]:
        """Consumer -> what it rests on. Made when first asked for: who only looks up does not pay for it."""
        hard, soft = self._turned(self.hard), self._turned(self.soft)
        rules: dict[int, list[Rule]] = {}
        for rule in self.rules:
            rules.setdefault(rule.consumer, []).append(rule)
        return {
            item: Below(tuple(hard.get(item, ())), tuple(soft.get(item, ())), tuple(rules.get(item, ())))
            for item in {*hard, *soft, *rules}
        }

    def _turned(self, consumers: list[list[int]]) -> dict[int, dict[int, None]]:
        """Consumer -> its providers, ascending, each once. Ids."""
        turned: dict[int, dict[int, None]] = {}
        for provider, places in enumerate(consumers):
            for place in places:
                turned.setdefault(self.ids[place], {})[self.ids[provider]] = None
        return turned


def _in_columns(
    arrows: Iterable[Arrow | tuple[int, int, bool, int | None]],
) -> tuple[Sequence[int], Sequence[int], Sequence[bool], Sequence[int | None]]:
    """Providers, consumers, whether hard, groups: of tens of thousands of arrows these are looked through quicker."""
    rows = list(arrows)
    return tuple(zip(*rows, strict=True)) if rows else ((), (), (), ())  # type: ignore[return-value]


def _as_it_holds(group: Group, members: dict[int, bool]) -> Rule:
    """More needed than there are means all of them; so does a `whole_below` above their number."""
    if (group.needs is None) == (group.share is None):
        raise ValueError(f"Group {group.id} says either how many it needs or which share.")
    of = len(members)
    needs = group.needs if group.share is None else -(-of * group.share // 100)
    whole = of if group.whole_below is None else group.whole_below
    if needs is None or needs < 1 or whole < 1 or (group.share or 0) > 100:
        raise ValueError(f"Group {group.id} counts from 1, and its share goes from 1 to 100 per cent.")
    breaks_at, hurts_at = of - min(needs, of) + 1, of - min(whole, of) + 1
    return Rule(group.consumer, tuple(sorted(members)), breaks_at, hurts_at, any(members.values()))
