"""One item lives on in another: records, relations, links, identifiers and what monitors found go along."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext

from catalog.cmdb.models import CI, Group, Identifier, Relation
from catalog.cmdb.operations.groups import forget_if_empty
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from catalog.cmdb.operations.interest import may_loosen
from catalog.cmdb.operations.locking import lock_items
from catalog.cmdb.operations.relation_histories import Turn, ended, record_turns, went_along
from catalog.cmdb.operations.reporting import move_conditions
from catalog.cmdb.operations.steps import revive
from catalog.cmdb.vocabulary import Flow, Status, Strength
from catalog.reconciliation.models import SourceRecord
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.work.linking import move_links


def merge_into(item: int, into: int, *, actor: Actor, at: datetime, origin: Origin = BY_HAND) -> None:
    """Rows in the caller's transaction: the item is found under its old reference, and lives on in the other
    one. `origin`: the import that found that both are one, if it was one. Raises nothing."""
    held = lock_items({item, into, *related_to([item])})
    gone, survivor = held[item], held[into]
    SourceRecord.objects.filter(ci=gone).update(ci=survivor)
    if gone.confidential and not survivor.confidential:
        keep_confidential(survivor, actor, at)
    loosens = may_loosen(actor, [item, into])
    if not loosens and survivor.status == Status.RETIRED != gone.status:
        _revive(survivor, gone, at)
    turns = _move_relations(gone, survivor, at, loosens)
    record_turns(turns, actor=actor, at=at, origin=origin, why=gettext("Two items are one."))
    move_links(gone, survivor)
    move_conditions(gone, survivor, at=at)
    there = set(Identifier.objects.filter(ci=survivor).values_list("scheme", "value"))
    for one in Identifier.objects.filter(ci=gone):
        if (one.scheme, one.value) in there:
            one.delete()
        else:
            one.ci = survivor
            one.save(update_fields=["ci"])
    CI.objects.filter(merged_into=gone).update(merged_into=survivor)
    with lifecycle.edit(gone, actor=actor, version=None, version_required=False, event="merged") as current:
        current.merged_into = survivor


def related_to(items: Collection[int]) -> set[int]:
    """What stands at the other ends of their relations: groups of those lose or gain a member. Raises nothing."""
    if not items:
        return set()
    rows = Relation.objects.filter(Q(source__in=items) | Q(target__in=items), ended_at=None)
    return {end for pair in rows.values_list("source", "target") for end in pair}


def keep_confidential(item: CI, actor: Actor, at: datetime) -> None:
    """What was known only to some is told to nobody else where it goes on in another item. Raises nothing."""
    with lifecycle.edit(item, actor=actor, version=None, version_required=False) as current:
        current.confidential = True
    record(item, {"confidential": (False, True)}, actor=actor, at=at, origin=BY_HAND)


def _revive(survivor: CI, gone: CI, at: datetime) -> None:
    """What lives on carries failures: those of the other would end with what was retired. Nobody chose this step, so
    that it is the system's."""
    reason = gettext("%(reference)s, which serves, lives on in it.") % {"reference": gone.reference}
    revive(survivor, actor=Actor.system("reconciliation"), reason=reason, at=at)


def _move_relations(gone: CI, survivor: CI, at: datetime, may_loosen: bool) -> list[Turn]:
    """What both have stays once; what would relate the survivor to itself ends. Who may not loosen what services rest
    on leaves groups of both apart, and of two relations the stricter. Returns what it leaves in the histories."""
    turns: list[Turn] = []
    mine = Relation.objects.select_for_update(of=("self",), no_key=True)
    mine = mine.select_related("type", "group", "source", "target")
    for one in mine.filter(Q(source=gone) | Q(target=gone), ended_at=None).order_by("pk"):
        source = survivor.pk if one.source_id == gone.pk else one.source_id
        target = survivor.pk if one.target_id == gone.pk else one.target_id
        twin = Relation.objects.filter(source=source, target=target, type=one.type, ended_at=None).first()
        if source == target or twin is not None:
            if twin is not None:
                one.claims.update(relation=twin)
                if not may_loosen:
                    _keep_as_strict(twin, one)
            turns += ended(one, accounted=True)
            one.ended_at, one.group = max(at, one.first_seen), None
            one.save(update_fields=["ended_at", "group"])
            continue
        turns += went_along(one, gone, survivor)
        consumer = one.type.consumer(source, target)
        if one.group is not None and one.group.consumer_id == gone.pk and consumer == survivor.pk:
            name = one.group.name
            if not may_loosen and survivor.groups.filter(name=name, arrows__isnull=False).exists():
                name = f"{name[:40]} {gone.reference}"
            one.group, _ = Group.objects.get_or_create(
                consumer=survivor, name=name,
                defaults={
                    "needs": one.group.needs, "needs_share": one.group.needs_share, "whole_below": one.group.whole_below
                },
            )  # fmt: skip
        one.source_id, one.target_id = source, target
        one.save(update_fields=["source", "target", "group"])
    Group.objects.filter(consumer=gone, relations=None).delete()
    return turns


def _keep_as_strict(twin: Relation, one: Relation) -> None:
    """Let what stays be alone, and hard, where what ends was."""
    left = twin.group
    hard = Strength.HARD in (twin.strength or twin.type.strength, one.strength or one.type.strength)
    twin.strength = Strength.HARD if hard and twin.type.flows != Flow.NONE else twin.strength
    twin.group = left if one.group is not None else None
    twin.save(update_fields=["strength", "group"])
    if left is not None and twin.group is None:
        forget_if_empty(left.pk)
