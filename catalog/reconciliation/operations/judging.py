"""What people say of records: two are one thing, or are not; sources may differ."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.operations.locking import lock_items
from catalog.cmdb.operations.reporting import share_conditions
from catalog.cmdb.vocabulary import Status
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation import permissions
from catalog.reconciliation.models import Conflict, SourceRecord, Verdict
from catalog.reconciliation.operations.alone import one_at_a_time
from catalog.reconciliation.operations.by_hand import keep_what_people_made
from catalog.reconciliation.operations.merging import keep_confidential
from catalog.reconciliation.operations.renewing import renew
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import ConflictState
from catalog.services.models import Service
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState


def say(a: SourceRecord, b: SourceRecord, same: bool, *, actor: Actor, why: str = "") -> Verdict:
    """Two records are of one thing, or are not: for ever, until it is taken back. A second word replaces the first.

    Raises NotPermitted, and InvalidInput for a record and itself.
    """
    _require_decider(actor)
    if a.pk == b.pk:
        raise InvalidInput.about("records", gettext("A record is always of the same thing as itself."))
    with transaction.atomic():
        one_at_a_time()
        made = _said(a, b, same, actor, why)
        renew([a, b], actor=actor, at=timezone.now())
    return made


def withdraw(verdict: Verdict, *, actor: Actor) -> None:
    """What the records say themselves holds again. Raises NotPermitted."""
    _require_decider(actor)
    with transaction.atomic():
        one_at_a_time()
        lifecycle.announce(verdict, "withdrawn", actor=actor, changes={"same": [verdict.same, None]})
        records = [verdict.a, verdict.b]
        verdict.delete()
        renew(records, actor=actor, at=timezone.now())


def merge(item: CI, into: CI, *, actor: Actor, why: str = "") -> CI:
    """Both are one thing: `item` is found under its old reference and lives on in the older of the two.

    Returns the one that lives on. Raises NotPermitted, InvalidInput (an item and itself) and WrongState (one of them is
    retired, is a service, or lives on in another).
    """
    _require_decider(actor)
    if item.pk == into.pk:
        raise InvalidInput.about("into", gettext("Choose another item."))
    with transaction.atomic():
        one_at_a_time()
        for one in lock_items((item.pk, into.pk)).values():
            _require_mergeable(one)
        keep_what_people_made([item.pk, into.pk], Known(), timezone.now())
        first, second = _first_record(item), _first_record(into)
        for mine in item.records.all():
            for theirs in into.records.all():
                Verdict.objects.filter(**_pair(mine, theirs), same=False).delete()
        _said(first, second, True, actor, why)
        renew([first, second], actor=actor, at=timezone.now())
    survivor = CI.objects.get(pk=min(item.pk, into.pk))
    return survivor.merged_into or survivor


def split(item: CI, records: Collection[SourceRecord], *, actor: Actor, why: str = "") -> CI:
    """These records of the item are of another thing than the rest. Returns the item that they speak of now: the one
    that had been merged away, or a new one.

    Raises NotPermitted, and InvalidInput where they are not some of the item's records.
    """
    _require_decider(actor)
    mine = {one.pk for one in records}
    with transaction.atomic():
        one_at_a_time()
        # What people wrote of an item stays with it.
        ours = item.records.exclude(source__slug=PEOPLE).order_by("pk")
        theirs = [one for one in ours if one.pk not in mine]
        parted = [one for one in ours if one.pk in mine]
        if not theirs or len(parted) != len(mine) or not parted:
            raise InvalidInput.about("records", gettext("Choose some of the records of this item, and leave it one."))
        for one in parted:
            for other in theirs:
                _said(one, other, False, actor, why)
        for other in parted[1:]:
            _said(parted[0], other, True, actor, why)
        renew([*parted, *theirs], actor=actor, at=timezone.now(), leaving=parted, left=item)
        found = SourceRecord.objects.get(pk=parted[0].pk).ci
        assert found is not None  # noqa: S101 - each record that was placed has one
        share_conditions(item, found)
        if item.confidential and not found.confidential:
            keep_confidential(found, actor, timezone.now())
    return found


def accept(conflict: Conflict, *, actor: Actor, why: str, version: int | None = None) -> Conflict:
    """That sources differ here is known and right, until one of them says something else. Raises NotPermitted,
    StaleVersion, and WrongState for one that is not open."""
    if not (permissions.importers(actor) and permissions.conflict_settlers(actor, conflict)):
        raise NotPermitted(gettext("%(actor_name)s may not settle conflicts.") % {"actor_name": actor.name})
    with lifecycle.edit(conflict, actor=actor, version=version, version_required=False, event="accepted") as current:
        if current.state != ConflictState.OPEN:
            raise WrongState(gettext("This conflict is not open."))
        current.state, current.why = ConflictState.ACCEPTED, why
    return current


def _said(a: SourceRecord, b: SourceRecord, same: bool, actor: Actor, why: str) -> Verdict:
    said = {"same": same, "by_id": actor.id, "why": why[:500]}
    made, _ = Verdict.objects.update_or_create(defaults=said, **_pair(a, b))
    return lifecycle.created(made, actor=actor, changes={"same": [None, same], "why": [None, why]})


def _pair(a: SourceRecord, b: SourceRecord) -> dict[str, Any]:
    first, second = sorted([a.pk, b.pk])
    return {"a_id": first, "b_id": second}


def _first_record(item: CI) -> SourceRecord:
    """Each has one: what people made has theirs."""
    return item.records.order_by("pk")[0]


def _require_mergeable(item: CI) -> None:
    if item.merged_into_id is not None or item.status == Status.RETIRED:
        words = gettext("%(reference)s is retired, or lives on in another item.")
        raise WrongState(words % {"reference": item.reference})
    if Service.objects.filter(pk=item.pk).exists():
        raise WrongState(gettext("A service is merged where services are kept."))


def _require_decider(actor: Actor) -> None:
    if not permissions.deciders(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not say what is one thing; a service owner or a change manager may.")
            % {"actor_name": actor.name}
        )
