"""Relations that records claim: there as long as somebody claims them, and waiting for those that are not there yet."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Q

from catalog.cmdb.models import CI, Group, Relation
from catalog.cmdb.operations.groups import forget_if_empty
from catalog.cmdb.operations.histories import Origin
from catalog.cmdb.operations.interest import may_loosen
from catalog.cmdb.operations.locking import hold_items, lock_items
from catalog.cmdb.operations.relation_histories import Turn, begun, ended, learned_of, record_turns
from catalog.cmdb.vocabulary import Flow, Status
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation.models import RelationClaim, Run, Source, SourceRecord
from catalog.reconciliation.operations.rows import point
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.targets import aimed_at, astray, targets_of
from catalog.reconciliation.vocabulary import Kept
from catalog.services.models import Service
from itsm.kernel.actors import Actor


class End(NamedTuple):
    """A relation as two items would have it."""

    source: int
    target: int
    type: str


class Linker:
    """Writes in the caller's transaction. `made`: relations begun. `kept`, as a run names it: what stays as strict as
    it was, since this actor may not loosen it: relations that nobody claims any more, and groups of which fewer would
    be enough."""

    def __init__(self, source: Source, known: Known, actor: Actor, at: datetime, origin: Origin) -> None:
        self.source, self.known, self.actor, self.at, self.origin = source, known, actor, at, origin
        self.turns: list[Turn] = []  # what is history of items, told at the end
        self.made = 0
        self.kept: list[dict[str, Any]] = []

    def link(self, records: Sequence[SourceRecord], claimed: Mapping[int, Sequence[Mapping[str, str]]]) -> None:
        """Let these records claim exactly this, and find out what waited for them."""
        there: dict[tuple[Any, ...], RelationClaim] = {
            _at(one.record_id, one.__dict__): one for one in RelationClaim.objects.filter(record__in=records)
        }
        wanted = {_at(pk, one): one for pk, ones in claimed.items() for one in ones}
        dropped = [one for at, one in there.items() if at not in wanted]
        new = [RelationClaim(record_id=at[0], **one) for at, one in wanted.items() if at not in there]
        RelationClaim.objects.bulk_create(new)
        RelationClaim.objects.filter(pk__in=[one.pk for one in dropped]).delete()
        self._end({one.relation_id for one in dropped if one.relation_id is not None})
        kept = [one for at, one in there.items() if at in wanted and one.relation_id is None]
        self._resolve({one.pk: one for one in (*new, *kept, *self._waited_for(records))}.values())
        self._tell()

    def share(self, shares: Mapping[int, Mapping[str, int]]) -> None:
        """Of what reaches an item by relations of a type so many per cent are enough."""
        for item, by_type in shares.items():
            for type_, share in by_type.items():
                groups = Group.objects.filter(consumer=item, relations__type__slug=type_)
                for group in groups.annotate(members=Count("relations")).exclude(needs=None, needs_share=share):
                    asks = -(-group.members * share // 100)
                    if asks < _enough(group, group.members) and not may_loosen(self.actor, [item]):
                        self._keep(Kept.SHARE, item, type=type_, group=group.name, needs=_enough(group, group.members))
                        continue
                    group.needs, group.needs_share, group.version = None, share, group.version + 1
                    group.save(update_fields=["needs", "needs_share", "version"])

    def follow(self, records: Sequence[SourceRecord]) -> None:
        """Let relations that these claim, and that others claim of them, be of the items that they speak of now: they
        had spoken of others, and nothing became otherwise by that."""
        claims = astray(Q(record__in=records) | self._aimed_at(records))
        held = {one.record_id: one.record for one in claims}
        targets = targets_of(claims, held)
        ends: dict[End, list[RelationClaim]] = defaultdict(list)
        for one in claims:
            assert one.relation is not None  # noqa: S101 - only those that hold one are astray
            far = one.relation.target_id if one.direction == "out" else one.relation.source_id
            end = _end_of(one, held[one.record_id].ci_id, targets.get((one.by, one.target), far))
            if end is not None and end != End(one.relation.source_id, one.relation.target_id, one.type):
                ends[end].append(one)
        found = self._relations(ends.keys(), accounted=True)
        moved = {one.pk: (one.relation_id, found[end].pk) for end in found for one in ends[end]}
        point(RelationClaim, "relation_id", {pk: to for pk, (_, to) in moved.items()})
        self._end({left for left, _ in moved.values() if left is not None}, accounted=True)
        self._tell()

    def _waited_for(self, records: Sequence[SourceRecord]) -> list[RelationClaim]:
        aimed = RelationClaim.objects.filter(self._aimed_at(records), relation=None)
        return list(aimed.select_related("record"))

    def _aimed_at(self, records: Sequence[SourceRecord]) -> Q:
        slugs = Service.objects.filter(pk__in=[one.ci_id for one in records]).values_list("slug", flat=True)
        return aimed_at(records) | Q(by="slug", target__in=list(slugs))

    def _resolve(self, claims: Collection[RelationClaim]) -> None:
        claims = list(claims)
        if not claims:
            return
        records = SourceRecord.objects.in_bulk({one.record_id for one in claims})
        targets = targets_of(claims, records)
        ends: dict[End, list[RelationClaim]] = defaultdict(list)
        for one in claims:
            end = _end_of(one, records[one.record_id].ci_id, targets.get((one.by, one.target)))
            if end is None or records[one.record_id].gone_at is not None:
                continue  # it waits
            ends[end].append(one)
        for end, relation in self._relations(ends.keys()).items():
            for one in ends[end]:
                one.relation = relation
        point(RelationClaim, "relation_id", {one.pk: one.relation_id for ones in ends.values() for one in ones})

    def _relations(self, ends: Collection[End], *, accounted: bool = False) -> dict[End, Relation]:
        """The living relations of these ends; begun where there are none. What cannot be related is left out.
        `accounted`: what begins here was so before."""
        found = self._living(ends)
        missing = [end for end in ends if end not in found]
        # Nobody relates them by hand, merges or retires them from here on: what was done until now is seen.
        items = lock_items(one for end in missing for one in (end.source, end.target)) if missing else {}
        items = {pk: one for pk, one in items.items() if one.merged_into_id is None and one.status != Status.RETIRED}
        found |= self._living(missing)
        missing = [end for end in missing if end not in found]
        new = [self._relation(end, items) for end in missing if self._fits(end, items)]
        self._keep_as_strict(one.group_id for one in new if one.group_id is not None)
        Relation.objects.bulk_create(new)
        self.made += len(new)
        self._told_of(new, items, accounted)
        found |= {End(one.source_id, one.target_id, one.type.slug): one for one in new}
        return {end: found[end] for end in ends if end in found}

    def _living(self, ends: Collection[End]) -> dict[End, Relation]:
        ids = {one for end in ends for one in (end.source, end.target)}
        rows = Relation.objects.filter(source__in=ids, target__in=ids, ended_at=None).select_related("type")
        return {End(one.source_id, one.target_id, one.type.slug): one for one in rows}

    def _fits(self, end: End, items: Mapping[int, CI]) -> bool:
        type_ = self.known.types.get(end.type)
        if type_ is None or end.source not in items or end.target not in items:
            return False
        lineages = {one.pk: set(one.lineage) for one in self.known.classes.values()}
        return not any(
            allowed and not lineages[items[item].ci_class_id] & set(allowed)
            for item, allowed in ((end.source, type_.source_classes), (end.target, type_.target_classes))
        )

    def _relation(self, end: End, items: Mapping[int, CI]) -> Relation:
        type_ = self.known.types[end.type]
        consumer, name = type_.consumer(end.source, end.target), type_.group_name(items[end.source].environment)
        group = None
        if name and consumer is not None:
            group, _ = Group.objects.get_or_create(consumer_id=consumer, name=name, defaults={"needs": 1})
        return Relation(
            source=items[end.source], target=items[end.target], type=type_, group=group, data_source=self.source.slug,
            change_reference=self.origin.change, last_seen=self.at,
        )  # fmt: skip

    def _keep_as_strict(self, joined: Iterable[int]) -> None:
        """Let no group be down later because of members that join it now, where this actor may not loosen it: of so
        many more, so many more are needed, until somebody without an interest says otherwise."""
        more = Counter(joined)
        for group in Group.objects.select_for_update(no_key=True).filter(pk__in=more).order_by("pk"):
            providers = list(group.arrows.values_list("provider", flat=True))
            if not providers or may_loosen(self.actor, providers):
                continue
            group.needs = _enough(group, len(providers)) + more[group.pk]
            group.needs_share = None
            if group.whole_below is not None:
                group.whole_below += more[group.pk]
            group.version += 1
            group.save(update_fields=["needs", "needs_share", "whole_below", "version"])
            self._keep(Kept.MEMBERS, group.consumer_id, group=group.name, needs=group.needs)

    def _told_of(self, new: Sequence[Relation], items: Mapping[int, CI], accounted: bool) -> None:
        """What is new is history of both ends: learned, or an edit."""
        if not new:
            return
        came = {pk for pk, one in items.items() if self._since is not None and one.created_at >= self._since}
        learned = {one.pk for one in new} if accounted else learned_of(new, came) if self._since is not None else set()
        self.turns += [turn for one in new for turn in begun(one, learned=one.pk in learned)]

    @cached_property
    def _since(self) -> datetime | None:
        """When the run began, where there is one: what it brought is younger."""
        if self.origin.run is None:
            return None
        return Run.objects.filter(pk=self.origin.run).values_list("created_at", flat=True).first()

    def _tell(self) -> None:
        record_turns(self.turns, actor=self.actor, at=self.at, origin=self.origin)
        self.turns = []

    def _end(self, ids: Collection[int], *, accounted: bool = False) -> None:
        """Relations that nobody claims any more, of those that sources had brought. What holds a change back stays."""
        rows = Relation.objects.filter(pk__in=ids, ended_at=None, claims=None)
        hold_items(end for pair in rows.values_list("source", "target") for end in pair)
        held = rows.select_related("type", "source", "target").select_for_update(of=("self",), no_key=True)
        for one in held.order_by("pk"):
            if one.data_source == PEOPLE:
                continue
            if one.type.flows != Flow.NONE and not self._may_end(one):
                self._keep(Kept.RELATION, one.source_id, other=one.target_id, type=one.type.slug)
                continue
            group, one.group, one.ended_at = one.group_id, None, max(self.at, one.first_seen)
            one.save(update_fields=["group", "ended_at"])
            forget_if_empty(group)
            self.turns += ended(one, accounted=accounted)

    def _keep(self, what: Kept, item: int, **more: Any) -> None:
        self.kept.append(
            {"what": what.value, "item": item, "other": None, "type": "", "group": "", "needs": None} | more
        )

    def _may_end(self, one: Relation) -> bool:
        """Not for whom it could let a change through."""
        return may_loosen(self.actor, [one.type.provider(one.source_id, one.target_id)])


def _enough(group: Group, members: int) -> int:
    """How many of so many members it takes."""
    return group.needs if group.needs is not None else -(-members * (group.needs_share or 100) // 100)


def _end_of(claim: RelationClaim, here: int | None, there: int | None) -> End | None:
    """As two items would have it; None where one of them is not there, or both are one."""
    if here is None or there is None or here == there:
        return None
    return End(here, there, claim.type) if claim.direction == "out" else End(there, here, claim.type)


def _at(record: int, one: Mapping[str, Any]) -> tuple[Any, ...]:
    return record, one["type"], one["direction"], one["by"], one["target"]
