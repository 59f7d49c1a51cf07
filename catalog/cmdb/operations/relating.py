"""Items are related, and no longer; what of several is enough."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CI, CIClass, Group, Relation, RelationType
from catalog.cmdb.operations.editing import require_living
from catalog.cmdb.operations.groups import forget_if_empty
from catalog.cmdb.operations.histories import BY_HAND, Origin, record, record_relation
from catalog.cmdb.operations.interest import require_no_interest
from catalog.cmdb.operations.locking import lock_items
from catalog.cmdb.queries.relations import is_part_of
from catalog.cmdb.vocabulary import DEPENDS_ON, Flow, Status
from catalog.services.models import Service
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.locks import AdvisoryLock

PART_OF = "part_of"
_ASKED = ("needs", "needs_share", "whole_below")


@transaction.atomic
def relate(
    source: CI,
    target: CI,
    type: RelationType,
    *,
    actor: Actor,
    strength: str = "",
    group: str = "",
    origin: Origin = BY_HAND,
    at: datetime | None = None,
) -> Relation:
    """A relation of a type from a source to a target. `strength`: "" is that of the type. `group`: the name of the
    group of its consumer that it joins; "" the one that its type makes, if any.

    Raises NotPermitted (an editor of neither; an interest in a change that the group holds), InvalidInput (a class
    that the type does not join, a loop of parts, the item itself, two services), WrongState (a retired item) and
    Conflict (it is there already).
    """
    ends = lock_items((source.pk, target.pk))
    source, target = ends[source.pk], ends[target.pk]
    _require_editor_of_one(actor, source, target, gettext("relate them"))
    _require_fits(source, target, type, strength)
    if type.slug == PART_OF:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.PARTS])
        if is_part_of(target.pk, source.pk):
            words = gettext("%(target)s is a part of %(source)s already.")
            raise InvalidInput.about("target", words % {"target": target.reference, "source": source.reference})
    at = at or timezone.now()
    joined = _group_for(source, target, type, group)
    if joined is not None and (others := _members(joined)):
        # One more that stands in for them: a failure of theirs may travel no further.
        require_no_interest(actor, others, doing=gettext("add to a group that stands in for each other"))
    try:
        with transaction.atomic():
            made = Relation.objects.create(
                source=source, target=target, type=type, strength=strength, group=joined,
                data_source=origin.source, change_reference=origin.change, last_seen=at,
            )  # fmt: skip
    except IntegrityError as error:
        words = gettext("%(source)s %(reading)s %(target)s already.")
        raise Conflict(words % {"source": source, "reading": type, "target": target}) from error
    record_relation(made, ended=False, actor=actor, at=at, origin=origin)
    return lifecycle.created(
        made, actor=actor, at=at, changes={"relation": [None, f"{source.reference} {type.slug} {target.reference}"]}
    )


@transaction.atomic
def end_relation(
    relation: Relation, *, actor: Actor, version: int | None, origin: Origin = BY_HAND, at: datetime | None = None
) -> Relation:
    """It holds no longer; a group that it leaves empty goes. Who has an interest in a change that is held by a failure
    travelling along it does not end it.

    Raises NotPermitted, WrongState (it ended before), InvalidInput (two services), StaleVersion and VersionRequired.
    """
    at = at or timezone.now()
    lock_items((relation.source_id, relation.target_id))
    with lifecycle.edit(relation, actor=actor, version=version, event="ended") as current:
        source, target = current.source, current.target
        _require_editor_of_one(actor, source, target, gettext("end this relation"))
        _require_not_two_services(source, target, current.type)
        if current.ended_at is not None:
            raise WrongState(gettext("This relation has ended."))
        if current.type.flows != Flow.NONE:
            provider = current.type.provider(current.source_id, current.target_id)
            require_no_interest(actor, [provider], doing=gettext("end this relation"))
        left, current.group, current.ended_at = current.group_id, None, max(at, current.first_seen)
    forget_if_empty(left)
    record_relation(current, ended=True, actor=actor, at=at, origin=origin)
    return current


@transaction.atomic
def edit_group(
    group: Group,
    *,
    actor: Actor,
    version: int | None,
    origin: Origin = BY_HAND,
    at: datetime | None = None,
    **fields: Any,
) -> Group:
    """How many of a group are enough: `needs`, or `needs_share` per cent, and `whole_below`.

    One of the two is given; giving one takes the other away. Raises NotPermitted, InvalidInput (a group of services,
    whose number their consumer says), StaleVersion and VersionRequired.
    """
    if not permissions.item_editors(actor, group.consumer):
        raise _not_permitted(actor, gettext("change this group"))
    given = _one_of_the_two(fields)
    lock_items([group.consumer_id])  # nobody joins it meanwhile
    with lifecycle.edit(group, actor=actor, version=version) as current:
        require_no_interest(actor, _members(current), doing=gettext("change this group"))
        before = _asked(current)
        for name, value in given.items():
            setattr(current, name, value)
        if (current.needs is None) == (current.needs_share is None):
            raise InvalidInput.about("needs", gettext("Say either how many are needed, or which share."))
        if _asked(current)[:2] != before[:2]:
            _require_not_of_services(current)
        if (after := _asked(current)) != before:
            edits = {f"group:{current.name}": (_as_told(before), _as_told(after))}
            record(current.consumer, edits, actor=actor, at=at or timezone.now(), origin=origin)
    return current


def _asked(group: Group) -> tuple[int | None, int | None, int | None]:
    return group.needs, group.needs_share, group.whole_below


def _as_told(asked: tuple[int | None, int | None, int | None]) -> dict[str, int]:
    """What a group asks, as its history keeps it: whoever reads it is told in their own words."""
    return {name: said for name, said in zip(_ASKED, asked, strict=True) if said is not None}


def _require_not_of_services(group: Group) -> None:
    """How many services are enough for a service is said where a second person confirms what lets changes through."""
    if not Service.objects.filter(pk=group.consumer_id).exists():
        return
    providers = group.relations.filter(ended_at=None, type__slug=DEPENDS_ON).values("target")
    if Service.objects.filter(pk__in=providers).exists():
        raise InvalidInput.about(
            "needs", gettext("Say how many of these services are enough where the service is edited.")
        )


def _one_of_the_two(fields: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(fields)
    if given.get("needs") is not None:
        given.setdefault("needs_share", None)
    elif given.get("needs_share") is not None:
        given.setdefault("needs", None)
    return given


def _members(group: Group) -> list[int]:
    living = group.relations.filter(ended_at=None)
    return [one.type.provider(one.source_id, one.target_id) for one in living.select_related("type")]


def _group_for(source: CI, target: CI, type_: RelationType, name: str) -> Group | None:
    """The group of the consumer that this name, or the type, means; made where there is none: one of it is enough."""
    consumer, name = type_.consumer(source, target), name or type_.group_name(source.environment)
    if not name:
        return None
    if consumer is None:
        raise InvalidInput.about("group", gettext("Relations of this type carry no failure, and stand in no group."))
    return Group.objects.get_or_create(consumer=consumer, name=name[:63], defaults={"needs": 1})[0]


def _require_editor_of_one(actor: Actor, source: CI, target: CI, doing: str) -> None:
    if not (permissions.item_editors(actor, source) or permissions.item_editors(actor, target)):
        raise _not_permitted(actor, doing)


def _not_permitted(actor: Actor, doing: str) -> NotPermitted:
    return NotPermitted(
        gettext("%(actor_name)s may not %(doing)s; an owner team may.") % {"actor_name": actor.name, "doing": doing}
    )


def _require_fits(source: CI, target: CI, type_: RelationType, strength: str) -> None:
    if source.pk == target.pk:
        raise InvalidInput.about("target", gettext("An item is related to others."))
    for item in (source, target):
        require_living(item)
        if item.status == Status.RETIRED:
            raise WrongState(gettext("%(reference)s is retired.") % {"reference": item.reference})
    if type_.retired_at is not None:
        raise InvalidInput.about("type", gettext("This type of relation is retired."))
    if strength and type_.flows == Flow.NONE:
        raise InvalidInput.about("strength", gettext("Relations of this type carry no failure."))
    for name, item, allowed in (
        ("source", source, type_.source_classes),
        ("target", target, type_.target_classes),
    ):
        if allowed and not set(allowed) & set(item.ci_class.lineage):
            known = ", ".join(CIClass.objects.filter(pk__in=allowed).values_list("slug", flat=True))
            words = gettext("%(type)s joins only %(known)s here.") % {"type": type_.slug, "known": known}
            raise InvalidInput.about(name, words)
    _require_not_two_services(source, target, type_)


def _require_not_two_services(source: CI, target: CI, type_: RelationType) -> None:
    """What services depend on is theirs to say, where a second person confirms what could let changes through."""
    both = {source.pk, target.pk}
    if type_.slug == DEPENDS_ON and Service.objects.filter(pk__in=both).count() == len(both):
        raise InvalidInput.about("target", gettext("Say what a service depends on where the service is edited."))
