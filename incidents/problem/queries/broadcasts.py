"""How a broadcast goes: whom it was owed, who was told, who was left out and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q

from incidents.incident.models import Incident
from incidents.problem.models import Broadcast, BroadcastDelivery, Problem
from itsm.kernel.actors import Actor

_MOST = 20


class LeftOut(NamedTuple):
    """An incident (its reference) that was not told, and why."""

    incident: str
    why: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Notes of one broadcast: how many it owed, how many of them are told, still owed, and left out (with why)."""

    broadcast: Broadcast
    owed: int
    told: int
    waiting: int
    left_out: tuple[LeftOut, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is owed any more."""
        return self.waiting == 0

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.broadcast.at


def broadcasts_of(problem: Problem, actor: Actor) -> list[Progress]:
    """What a problem told, the newest first; of incidents that the actor may not see nothing is counted or named. Two
    queries."""
    seen = Q(deliveries__incident__in=Incident.objects.visible_to(actor).order_by().values("pk"))
    counted = (
        Broadcast.objects.filter(problem=problem)
        .select_related("by")
        .order_by("-pk")
        .annotate(
            owed=Count("deliveries", filter=seen),
            settled=Count("deliveries", filter=seen & Q(deliveries__settled_at__isnull=False)),
        )[:_MOST]
    )
    rows = list(counted)
    out: dict[int, list[LeftOut]] = {}
    skipped = BroadcastDelivery.objects.filter(broadcast__in=[one.pk for one in rows]).exclude(left_out="")
    skipped = skipped.filter(incident__in=Incident.objects.visible_to(actor).order_by().values("pk"))
    for row in skipped.select_related("incident"):
        out.setdefault(row.broadcast_id or 0, []).append(LeftOut(row.incident.reference, row.left_out))
    return [_progress(one, out.get(one.pk, [])) for one in rows]


def _progress(row: Broadcast, out: list[LeftOut]) -> Progress:
    owed: int = row.owed  # type: ignore[attr-defined]  # annotated above
    settled: int = row.settled  # type: ignore[attr-defined]
    return Progress(row, owed, settled - len(out), owed - settled, tuple(out))
