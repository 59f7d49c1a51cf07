"""Which records of which sources speak of one thing, and which item of the catalog that is.

The answer depends on what is known and never on the order in which it came. Records fall into independent
neighbourhoods: those that share a value or a verdict, directly or through others. Working out anew the neighbourhoods
of what changed (before and after) gives the same as working out all: `neighbourhood` gathers one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from catalog.engine.identifiers import Classes

T = TypeVar("T")


class RecordKey(NamedTuple):
    """One record of one source, by the source's own name for it."""

    source: str
    key: str


class Record(NamedTuple):
    """What a source has of one thing. `values`: `Classes.values` of its identifiers. `item`: what it speaks of so far.

    `number` ascends with age: an item that falls apart stays with the record of its lowest one.
    """

    at: RecordKey
    values: Mapping[str, str]
    item: int | None = None
    number: int = 0


class Verdict(NamedTuple):
    """What a person said of two records. It outlives everything that the records themselves say."""

    one: RecordKey
    other: RecordKey
    same: bool


class Reason(StrEnum):
    """Why records that share a value are not taken for one thing."""

    STRONGER = "stronger"  # they disagree by a stronger scheme
    DIFFERENT = "different"  # a person said so
    TWO_KEYS = "two_keys"  # one source has two of them


class Contested(NamedTuple):
    """Records that share values of a scheme and are not one. `scheme` "": only people's verdicts hold them together.

    `by`: the stronger scheme, or the source, that tells them apart; "" for a verdict.
    """

    scheme: str
    values: tuple[str, ...]
    records: tuple[RecordKey, ...]
    reason: Reason
    by: str


@dataclass(frozen=True, slots=True)
class Identified:
    """`components`: the records of one thing each, sorted; every record is in one. `contested`: what joined nothing."""

    components: Sequence[tuple[RecordKey, ...]]
    contested: Sequence[Contested]


@dataclass(slots=True)
class _Component:
    members: list[RecordKey]
    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def absorb(self, other: "_Component") -> None:
        self.members += other.members
        for scheme, values in other.values.items():
            self.values[scheme] |= values


def identify(records: Collection[Record], verdicts: Iterable[Verdict], classes: Classes) -> Identified:
    """The records by the thing that they speak of.

    Verdicts join first. Then, from the strongest scheme on, what shares values of it is one block: it becomes one
    component, unless two of it disagree by a stronger scheme, by a verdict or by two keys of one source; then the whole
    block joins nothing by this scheme. Verdicts on records that are not here say nothing.
    ValueError for two records of one key.
    """
    components = {record.at: _Component([record.at]) for record in records}
    if len(components) != len(records):
        raise ValueError("Each record has a key of its own within its source.")
    for record in records:
        for scheme, value in record.values.items():
            components[record.at].values[scheme].add(value)
    here = [one for one in verdicts if one.one in components and one.other in components]
    partition = _Partition(components, [one for one in here if not one.same], classes.order)
    partition.join_by_verdicts([one for one in here if one.same])
    for scheme in classes.order:
        partition.join_by(scheme)
    return Identified(partition.components(), partition.contested)


def neighbourhood(
    changed: Iterable[Record],
    sharing: Callable[[Collection[tuple[str, str]]], Iterable[Record]],
    about: Callable[[Collection[RecordKey]], Iterable[Record]],
) -> dict[RecordKey, Record]:
    """All that may be joined with, or parted from, what changed: give each changed record as it was and as it is.

    Records as they are now come from two questions: `sharing`, those that have one of these (scheme, value); `about`,
    those of these keys and those that share a verdict with one of them. Neither is asked twice about the same.
    """
    found: dict[RecordKey, Record] = {}
    values: set[tuple[str, str]] = set()
    keys: set[RecordKey] = set()
    edge = list(changed)
    while edge:
        new_values = {pair for record in edge for pair in record.values.items()} - values
        new_keys = {record.at for record in edge} - keys
        nearby = {record.at: record for record in (*sharing(new_values), *about(new_keys))}
        edge = [record for at, record in nearby.items() if at not in found]
        values |= new_values
        keys |= new_keys
        found |= nearby
    return found


class _Partition:
    """Components that grow together, scheme by scheme."""

    def __init__(
        self, components: dict[RecordKey, _Component], different: Iterable[Verdict], order: Sequence[str]
    ) -> None:
        self.of = components
        self.order = order
        self.contested: list[Contested] = []
        self.different: dict[RecordKey, set[RecordKey]] = defaultdict(set)
        for verdict in different:
            self.different[verdict.one].add(verdict.other)
            self.different[verdict.other].add(verdict.one)

    def components(self) -> list[tuple[RecordKey, ...]]:
        return sorted(tuple(sorted(one.members)) for one in {id(one): one for one in self.of.values()}.values())

    def join_by_verdicts(self, same: Iterable[Verdict]) -> None:
        """What people called one is one, whatever identifiers say; where they contradict each other, nothing is."""
        for block in _linked([[verdict.one, verdict.other] for verdict in same]):
            parts = [self.of[member] for member in block]
            if self._called_different(parts):
                self.contested.append(Contested("", (), tuple(sorted(block)), Reason.DIFFERENT, ""))
            else:
                self._join(parts)

    def join_by(self, scheme: str) -> None:
        """Each block of this scheme becomes one component, or is contested."""
        known = {id(one): one for one in self.of.values() if one.values.get(scheme)}
        holders: dict[str, list[int]] = defaultdict(list)
        for number, component in known.items():
            for value in component.values[scheme]:
                holders[value].append(number)
        for block in _linked(holders.values()):
            parts = [known[number] for number in block]
            if len(parts) == 1:
                continue
            if why := self._disagreement(parts, scheme):
                shared = {value for one in parts for value in one.values[scheme] if len(holders[value]) > 1}
                members = sorted(member for one in parts for member in one.members)
                self.contested.append(Contested(scheme, tuple(sorted(shared)), tuple(members), *why))
            else:
                self._join(parts)

    def _join(self, parts: Sequence[_Component]) -> None:
        whole = max(parts, key=lambda one: len(one.members))
        for part in parts:
            if part is not whole:
                whole.absorb(part)
                for member in part.members:
                    self.of[member] = whole

    def _disagreement(self, parts: Sequence[_Component], scheme: str) -> tuple[Reason, str] | None:
        if self._called_different(parts):
            return Reason.DIFFERENT, ""
        for stronger in self.order[: self.order.index(scheme)]:
            if _disjoint([one.values[stronger] for one in parts if one.values.get(stronger)]):
                return Reason.STRONGER, stronger
        parts_of = Counter(source for part in parts for source in {member.source for member in part.members})
        twice = [source for source, number in parts_of.items() if number > 1]
        return (Reason.TWO_KEYS, min(twice)) if twice else None

    def _called_different(self, parts: Sequence[_Component]) -> bool:
        if not self.different:
            return False
        inside = {member for one in parts for member in one.members}
        return any(self.different[member] & inside for member in inside & self.different.keys())


def _disjoint(sets: Sequence[set[str]]) -> bool:
    """Whether two of them have nothing in common."""
    if len(sets) < 2 or set.intersection(*sets):
        return False
    return any(not one & other for at, one in enumerate(sets) for other in sets[:at])


def _linked(groups: Iterable[Iterable[T]]) -> list[list[T]]:
    """What is together in a group, or through others, is one."""
    leader: dict[T, T] = {}

    def led(one: T) -> T:
        leader.setdefault(one, one)
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for group in groups:
        first, *rest = group
        for one in rest:
            leader[led(one)] = led(first)
        led(first)
    blocks: dict[T, list[T]] = defaultdict(list)
    for one in leader:
        blocks[led(one)].append(one)
    return list(blocks.values())
