"""Which item each changed record speaks of: the engine is asked about its neighbourhood alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from catalog.cmdb.queries.identifiers import named_by
from catalog.engine.homes import Asked, Home, Item, homes_of
from catalog.engine.identify import Record, RecordKey, identify, neighbourhood
from catalog.engine.identify import Verdict as EngineVerdict
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation.models import SourceRecord, Verdict
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.truth import key_of
from catalog.services.models import Service


@dataclass(slots=True)
class Placed:
    """`homes`: records by the item that they speak of now, None for one that is to be made. `merged`: item -> the older
    one that it becomes part of. `contested`: values that identify nobody. `records`: all that were looked at."""

    homes: list[tuple[list[SourceRecord], int | None]] = field(default_factory=list)
    merged: Mapping[int, int] = field(default_factory=dict)
    contested: set[tuple[str, str]] = field(default_factory=set)
    asked: Sequence[Asked] = ()
    records: list[SourceRecord] = field(default_factory=list)

    @property
    def items(self) -> set[int]:
        """All that records leave, come to, or that become one."""
        left = {one.ci_id for one in self.records if one.ci_id is not None}
        come_to = {item for _, item in self.homes if item is not None}
        return left | come_to | self.merged.keys() | set(self.merged.values())

    @property
    def left(self) -> set[int]:
        """Those that some record speaks of no more."""
        return {one.ci_id for records, item in self.homes for one in records if one.ci_id not in (None, item)} - {None}


def place(before: Iterable[Record], now: Collection[SourceRecord], known: Known) -> Placed:
    """Where records belong. `before`: the changed ones as they were; `now`: as they are stored."""
    if not now:
        return Placed()
    rows = {key_of(one, known): one for one in now}

    def as_records(found: Iterable[SourceRecord]) -> list[Record]:
        made = []
        for one in found:
            at = key_of(one, known)
            rows.setdefault(at, one)
            made.append(as_record(rows[at], known))
        return made

    def sharing(values: Collection[tuple[str, str]]) -> list[Record]:
        tokens = [f"{scheme}={value}" for scheme, value in values]
        return as_records(SourceRecord.objects.filter(tokens__overlap=tokens)) if tokens else []

    def about(keys: Collection[RecordKey]) -> list[Record]:
        ids = [rows[at].pk for at in keys if at in rows]
        pairs = Verdict.objects.filter(Q(a__in=ids) | Q(b__in=ids)).values_list("a_id", "b_id")
        judged = {one for pair in pairs for one in pair} - set(ids)
        # What people wrote is of the item that they wrote it of, together with the other records of that.
        by_hand = [rows[at].ci_id for at in keys if at.source == PEOPLE and at in rows and rows[at].ci_id]
        judged |= set(SourceRecord.objects.filter(ci__in=by_hand).values_list("pk", flat=True)) - set(ids)
        return [
            *as_records(rows[at] for at in keys if at in rows),
            *as_records(SourceRecord.objects.filter(pk__in=judged)),
        ]

    found = neighbourhood([*before, *as_records(now)], sharing, about)
    ids = {rows[at].pk: at for at in found}
    verdicts = [
        EngineVerdict(ids[one.a_id], ids[one.b_id], one.same) for one in Verdict.objects.filter(a__in=ids, b__in=ids)
    ]
    kept_with = _written_of(found)
    identified = identify(list(found.values()), [*verdicts, *kept_with], known.identifiers)
    items = _items({one.item for one in found.values() if one.item is not None}, verdicts, found)
    found_homes = homes_of(identified.components, list(found.values()), items)
    return Placed(
        homes=_adopted(found_homes.homes, rows, known),
        merged=found_homes.merged,
        contested={(one.scheme, value) for one in identified.contested for value in one.values},
        asked=found_homes.asked,
        records=[rows[at] for at in found],
    )


def _written_of(found: Mapping[RecordKey, Record]) -> list[EngineVerdict]:
    """A record of people says nothing of itself by which it is known: it is of the item that it was written of, and so
    the same as the oldest other record of that."""
    oldest: dict[int, Record] = {}
    for one in sorted(found.values(), key=lambda one: one.number):
        if one.item is not None and one.at.source != PEOPLE:
            oldest.setdefault(one.item, one)
    return [
        EngineVerdict(at, oldest[one.item].at, same=True)
        for at, one in found.items()
        if at.source == PEOPLE and one.item in oldest
    ]


def as_record(one: SourceRecord, known: Known) -> Record:
    """As the engine takes it. The older its row, the older the record."""
    return Record(key_of(one, known), dict(one.values), one.ci_id, one.pk)


def _items(ids: set[int], verdicts: Iterable[EngineVerdict], found: Mapping[RecordKey, Record]) -> dict[int, Item]:
    """Services are never merged by a rule; what people called one does not fall apart by itself."""
    services = set(Service.objects.filter(pk__in=ids).values_list("pk", flat=True))
    joined = {found[at].item for one in verdicts if one.same for at in (one.one, one.other)}
    return {one: Item(one, held=one in joined, alone=one in services) for one in ids}


def _adopted(
    homes: Sequence[Home], rows: Mapping[RecordKey, SourceRecord], known: Known
) -> list[tuple[list[SourceRecord], int | None]]:
    """An item that people made, or a service, is taken over by what is known by the same identifier."""
    new = [home for home in homes if home.item is None]
    pairs = {pair for home in new for at in home.records for pair in rows[at].values.items()}
    rank = {scheme: place for place, scheme in enumerate(known.identifiers.order)}
    by_pair = named_by(pairs, living=True)
    slugs = dict(
        Service.objects.filter(slug__in=[value for scheme, value in pairs if scheme == "slug"]).values_list(
            "slug", "pk"
        )
    )
    taken: set[int] = {home.item for home in homes if home.item is not None}
    spoken_for = set(
        SourceRecord.objects.filter(ci__in=[*by_pair.values(), *slugs.values()]).values_list("ci_id", flat=True)
    )
    made: list[tuple[list[SourceRecord], int | None]] = []
    for home in homes:
        records, item = [rows[at] for at in home.records], home.item
        if item is None:
            mine = sorted(
                {pair for one in records for pair in one.values.items()}, key=lambda pair: rank.get(pair[0], 99)
            )
            found = [by_pair.get(pair) or (slugs.get(pair[1]) if pair[0] == "slug" else None) for pair in mine]
            item = next((one for one in found if one and one not in taken and one not in spoken_for), None)
            if item is not None:
                taken.add(item)
        made.append((records, item))
    return made
