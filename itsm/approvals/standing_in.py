"""Reads of delegations: who decides in whose place now, about which asks.

A delegate has no more rights than the person whose place it is, and none where that person, or they, have an interest.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from itsm.approvals.models import ApprovalRequest, Delegation


def running(at: datetime | None = None) -> QuerySet[Delegation]:
    """Delegations by which somebody may decide at that time; without one, now."""
    now = at or timezone.now()
    return Delegation.objects.filter(ended_at=None, starts_at__lte=now, ends_at__gt=now, person__is_active=True)


def covers(delegation: Delegation, approval: ApprovalRequest) -> bool:
    """Whether an ask is within its scope."""
    if delegation.panel_kind:
        return (delegation.panel_kind, delegation.panel_id) == (approval.panel_kind, approval.panel_id)
    return delegation.record_kind in ("", approval.record_kind)


def delegations_of_each(asks: Sequence[ApprovalRequest], at: datetime | None = None) -> dict[int, list[Delegation]]:
    """By the ask's number, the running delegations that hold for it, the oldest first. One query."""
    found = list(running(at).select_related("person", "delegate").order_by("id")) if asks else []
    return {ask.pk: [one for one in found if covers(one, ask)] for ask in asks}


def bound_by(delegations: Sequence[Delegation], interested: Collection[int]) -> frozenset[int]:
    """The people who decide in the place of somebody with an interest: they have it too."""
    return frozenset(one.delegate_id for one in delegations if one.person_id in interested)


def seats_by_delegate(delegations: Sequence[Delegation], members: Collection[int]) -> Mapping[int, int]:
    """Delegate -> in whose place, where that is one of these members; who is a member has their own place."""
    found: dict[int, int] = {}
    for one in delegations:
        if one.person_id in members and one.delegate_id not in members:
            found.setdefault(one.delegate_id, one.person_id)
    return found


def asks_as_delegate(actor_id: int, asked: Q, at: datetime | None = None) -> Q:
    """The asks that this person may answer in the place of somebody: a part of whatever statement asks for them.

    `asked`: whom an ask is put to, as a condition on a delegation whose person is looked at (`person__...`).
    """
    mine = running(at).filter(delegate=actor_id)
    theirs = _held_against(mine).filter(asked).exclude(out__contains=[F("person_id")])
    return Q(Exists(mine)) & Q(Exists(theirs))  # the first is looked at once, and most people have none


def asks_bound(actor_id: int, at: datetime | None = None) -> Q:
    """The asks that this person keeps out of: they decide in the place of somebody who is excluded."""
    mine = running(at).filter(delegate=actor_id)
    return Q(Exists(mine)) & Q(Exists(_held_against(mine).filter(out__contains=[F("person_id")])))


def _held_against(delegations: QuerySet[Delegation]) -> Any:
    """Those that hold for the ask outside: `out` is whom it excludes, `*_asked` what it is about and put to."""

    def of_ask(name: str, field: Any) -> "ExpressionWrapper[Any]":
        return ExpressionWrapper(OuterRef(name), output_field=field)

    return delegations.alias(
        out=of_ask("excluded", ArrayField(BigIntegerField())),
        kind_asked=of_ask("record_kind", CharField()),
        panel_asked=of_ask("panel_kind", CharField()),
        number_asked=of_ask("panel_id", BigIntegerField()),
        ask_asked=of_ask("pk", BigIntegerField()),
        part_asked=of_ask("part", CharField()),
        people_asked=of_ask("people", ArrayField(BigIntegerField())),
    ).filter(
        Q(record_kind="") | Q(record_kind=F("kind_asked")),
        Q(panel_kind="") | Q(panel_kind=F("panel_asked"), panel_id=F("number_asked")),
    )
