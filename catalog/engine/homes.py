"""Which item each component is: the oldest it has, a new one, or a question to people."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.engine.identify import Record, RecordKey


class Item(NamedTuple):
    """An item that lives: the lower its id, the older. `held`: a person merged it or work hangs on it, so that it does
    not fall apart by itself. `alone`: never merged by a rule (a service)."""

    id: int
    held: bool = False
    alone: bool = False


class Question(StrEnum):
    """What only people decide."""

    SPLIT = "split"  # its records speak of several things now
    MERGE = "merge"  # these items are one thing now


class Asked(NamedTuple):
    """Nothing was done. SPLIT: one item, and its records by the thing that they speak of. MERGE: the items of one
    thing, and its records as one part."""

    question: Question
    items: tuple[int, ...]
    parts: tuple[tuple[RecordKey, ...], ...]


class Home(NamedTuple):
    """Records of one thing and the item that it is; None: one is to be made."""

    records: tuple[RecordKey, ...]
    item: int | None


@dataclass(frozen=True, slots=True)
class Homes:
    """`homes`: every record is in one. `merged`: item -> the older one that it becomes part of. `asked`: for people."""

    homes: Sequence[Home]
    merged: Mapping[int, int]
    asked: Sequence[Asked]


def homes_of(
    components: Collection[tuple[RecordKey, ...]], records: Collection[Record], items: Mapping[int, Item]
) -> Homes:
    """Give each component its item. `items`: of all that the records speak of so far; an unknown one counts as plain.

    An item whose records part stays with the part of its oldest record, and the others get new ones; a held one keeps
    all its records, and people are asked. Of several items of one component the oldest stays and the others are merged
    into it (one that is never merged by a rule stays before all); of several such all stay, and people are asked.
    """
    record_at = {record.at: record for record in records}
    part_of = {at: number for number, component in enumerate(components) for at in component}
    speaking: dict[int, list[Record]] = defaultdict(list)
    for at in part_of:
        item = record_at[at].item
        if item is not None:
            speaking[item].append(record_at[at])
    owned, staying, asked = _shared_out(speaking, part_of, items)
    homes: list[Home] = []
    merged: dict[int, int] = {}
    for number, component in enumerate(components):
        moving = [at for at in component if at not in staying]
        ours = owned[number]
        alone = [item for item in ours if items.get(item, Item(item)).alone]
        keeper = min(alone or ours, default=None)
        if len(alone) > 1:
            asked.append(Asked(Question.MERGE, tuple(sorted(ours)), (component,)))
            staying |= {at: item for at in moving if (item := record_at[at].item) in ours and item is not None}
            moving = [at for at in moving if at not in staying]
        elif keeper is not None:
            merged |= {item: keeper for item in ours if item != keeper}
        if moving:
            homes.append(Home(tuple(moving), keeper))
    homes += [Home((at,), merged.get(item, item)) for at, item in staying.items()]
    return Homes(_one_home_each(homes), merged, asked)


def _shared_out(
    speaking: Mapping[int, Sequence[Record]], part_of: Mapping[RecordKey, int], items: Mapping[int, Item]
) -> tuple[dict[int, list[int]], dict[RecordKey, int], list[Asked]]:
    """(component -> the items that are its own, records that stay with an item although their component goes elsewhere,
    what that asks)."""
    owned: dict[int, list[int]] = defaultdict(list)
    staying: dict[RecordKey, int] = {}
    asked: list[Asked] = []
    for item, ones in sorted(speaking.items()):
        keeper = part_of[min(ones, key=lambda one: (one.number, one.at)).at]
        owned[keeper].append(item)
        elsewhere = [one.at for one in ones if part_of[one.at] != keeper]
        if elsewhere and items.get(item, Item(item)).held:
            staying |= dict.fromkeys(elsewhere, item)
            asked.append(Asked(Question.SPLIT, (item,), _by_part([one.at for one in ones], part_of)))
    return owned, staying, asked


def _by_part(ones: Sequence[RecordKey], part_of: Mapping[RecordKey, int]) -> tuple[tuple[RecordKey, ...], ...]:
    parts: dict[int, list[RecordKey]] = defaultdict(list)
    for at in sorted(ones):
        parts[part_of[at]].append(at)
    return tuple(sorted(tuple(part) for part in parts.values()))


def _one_home_each(homes: Sequence[Home]) -> list[Home]:
    """What goes to one item lives together; a new item is nobody else's."""
    together: dict[int, list[RecordKey]] = defaultdict(list)
    for home in homes:
        if home.item is not None:
            together[home.item] += home.records
    new = [home for home in homes if home.item is None]
    return sorted(
        [*(Home(tuple(sorted(ones)), item) for item, ones in together.items()), *new], key=lambda home: home.records
    )
