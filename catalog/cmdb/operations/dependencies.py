"""What services depend on, kept as relations of their items; the services themselves say what."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from django.utils import timezone

from catalog.cmdb.models import Group, Relation, RelationType
from catalog.cmdb.operations.groups import forget_if_empty
from catalog.cmdb.operations.histories import record_relation
from catalog.cmdb.operations.locking import hold_items
from catalog.cmdb.vocabulary import DEPENDS_ON
from catalog.services.models import Service
from catalog.services.operations.dependencies import Rewiring
from itsm import lifecycle
from itsm.kernel.actors import Actor


def rewire(service: Service, rewiring: Rewiring, actor: Actor) -> None:
    """End and begin what a service depends on, in the caller's transaction, with the history of both ends of each.

    Whether the actor may is judged where the service is edited. Raises nothing.
    """
    at = timezone.now()
    hold_items([service.pk, *(one for providers, _needs in rewiring.begun for one in providers)])
    for relation in Relation.objects.filter(pk__in=rewiring.ended, ended_at=None).order_by("pk"):
        _end(relation, actor, at)
    for providers, needs in rewiring.begun:
        _begin(service, providers, needs, actor, at)


def _end(relation: Relation, actor: Actor, at: datetime) -> None:
    with lifecycle.edit(relation, actor=actor, version=None, event="ended", version_required=False) as current:
        left, current.group, current.ended_at = current.group_id, None, max(at, current.first_seen)
    forget_if_empty(left)
    record_relation(current, ended=True, actor=actor, at=at, tied=True)


def _begin(service: Service, providers: Sequence[int], needs: int, actor: Actor, at: datetime) -> None:
    depends_on = RelationType.objects.get(slug=DEPENDS_ON)
    group = None
    if len(providers) > 1:
        group = Group.objects.create(consumer_id=service.pk, name=_free_name(service.pk), needs=needs)
    # A weaker word of the same type, such as an import's, becomes this one.
    standing = {
        one.target_id: one
        for one in Relation.objects.filter(source=service.pk, type=depends_on, target__in=providers, ended_at=None)
    }
    for provider in providers:
        if provider in standing:
            _strengthen(standing[provider], group, actor)
            continue
        made = Relation.objects.create(
            source_id=service.pk, target_id=provider, type=depends_on, group=group, last_seen=at
        )
        words = f"{made.source.reference} {DEPENDS_ON} {made.target.reference}"
        lifecycle.created(made, actor=actor, at=at, changes={"relation": [None, words]})
        record_relation(made, ended=False, actor=actor, at=at, tied=True)


def _strengthen(relation: Relation, group: Group | None, actor: Actor) -> None:
    with lifecycle.edit(relation, actor=actor, version=None, version_required=False) as current:
        left, current.group, current.strength = current.group_id, group, ""
    forget_if_empty(left)


def _free_name(consumer: int) -> str:
    """The first number of a group that this consumer has no group of."""
    taken = set(Group.objects.filter(consumer=consumer).values_list("name", flat=True))
    return next(name for number in count(1) if (name := f"group-{number}") not in taken)
