"""Reads of asks: what waits for me, what was decided about a record."""

from typing import Any

from django.db.models import Q, QuerySet

from itsm.accounts.models import Role
from itsm.approvals.models import Ask
from itsm.kernel.actors import Actor
from itsm.kernel.actors import Role as ActorRole


def waiting_for(actor: Actor) -> QuerySet[Ask]:
    """Open asks that this person may answer, the most pressing first."""
    if not actor.is_human or actor.id is None:
        return Ask.objects.none()
    stands_in = actor.roles & {ActorRole.ADMIN, ActorRole.MANAGER}
    roles = list(Role.values) if stands_in else [role.value for role in actor.roles]
    asked = Q(role__in=roles)
    if actor.has(ActorRole.ENGINEER, ActorRole.APPROVER, ActorRole.OWNER):
        asked |= Q(team__in=actor.teams)
    return (
        Ask.objects.filter(asked, status=Ask.Status.OPEN)
        .exclude(excluded__contains=[actor.id])
        .order_by("due_at", "id")
    )


def about(record: Any) -> list[Ask]:
    """Every ask about a record with its answers, newest first."""
    asks = Ask.objects.filter(record_kind=record.kind, record_id=record.pk)
    return list(asks.select_related("team").prefetch_related("answers__by").order_by("-id"))


def open_about(record: Any) -> Ask | None:
    return Ask.objects.filter(record_kind=record.kind, record_id=record.pk, status=Ask.Status.OPEN).first()
