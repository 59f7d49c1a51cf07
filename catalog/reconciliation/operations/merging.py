"""One item lives on in another: records, relations, links and identifiers go along."""

from datetime import datetime

from django.db.models import Q

from catalog.cmdb.models import CI, Group, Identifier, Relation
from catalog.cmdb.vocabulary import Flow
from catalog.reconciliation.models import SourceRecord
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.work.linking import move_links


def merge_into(item: int, into: int, *, actor: Actor, at: datetime) -> None:
    """Rows in the caller's transaction: the item is found under its old reference, and lives on in the other
    one. Raises nothing."""
    gone = CI.objects.get(pk=item)
    survivor = CI.objects.get(pk=into)
    SourceRecord.objects.filter(ci=gone).update(ci=survivor)
    _move_relations(gone, survivor, at)
    move_links(gone, survivor)
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


def _move_relations(gone: CI, survivor: CI, at: datetime) -> None:
    """What both have stays once; what would relate the survivor to itself ends."""
    mine = Relation.objects.filter(Q(source=gone) | Q(target=gone), ended_at=None).select_related("type", "group")
    for one in mine:
        source = survivor.pk if one.source_id == gone.pk else one.source_id
        target = survivor.pk if one.target_id == gone.pk else one.target_id
        twin = Relation.objects.filter(source=source, target=target, type=one.type, ended_at=None).first()
        if source == target or twin is not None:
            if twin is not None:
                one.claims.update(relation=twin)
            one.ended_at, one.group = max(at, one.first_seen), None
            one.save(update_fields=["ended_at", "group"])
            continue
        consumer = {Flow.TO_SOURCE.value: source, Flow.TO_TARGET.value: target}.get(one.type.flows)
        if one.group is not None and one.group.consumer_id == gone.pk and consumer == survivor.pk:
            one.group, _ = Group.objects.get_or_create(
                consumer=survivor, name=one.group.name,
                defaults={
                    "needs": one.group.needs, "needs_share": one.group.needs_share, "whole_below": one.group.whole_below
                },
            )  # fmt: skip
        one.source_id, one.target_id = source, target
        one.save(update_fields=["source", "target", "group"])
    Group.objects.filter(consumer=gone, relations=None).delete()
