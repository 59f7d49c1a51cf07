"""The impact of a change: as it was kept, what people added, and what is different now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.cmdb.queries.changed import living
from catalog.cmdb.queries.impact import FeltService, services_felt
from catalog.engine.graph import State
from catalog.services.queries import visible_services
from changes.change.models import Change
from changes.change.models.impact_snapshot import ImpactSnapshot
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Impact:
    """`taken_at` None: nothing is kept yet. `is_stale`: other items are named now, or others would feel it.

    `came`, `went`: services (by slug) that would feel it now and are not kept, and the reverse.
    """

    taken_at: datetime | None
    is_stale: bool
    now: list[FeltService]
    came: list[str]
    went: list[str]
    by_hand: list[dict[str, Any]]


def of_what(change: Change) -> list[int]:
    """The items that it changes, by number, its service the first."""
    return [change.service_id, *living(change.items)]


def felt_now(items: Collection[int], actor: Actor) -> list[FeltService]:
    """The services that would feel it, as far as the actor may see them, worst first."""
    return services_felt(dict.fromkeys(items, State.DOWN), actor)


def impact_of(change: Change, actor: Actor) -> Impact:
    """Kept and now, side by side, as far as the actor may see the services."""
    kept = ImpactSnapshot.objects.filter(change=change.pk).first() or ImpactSnapshot(change=change)
    items = of_what(change)
    now = felt_now(items, actor)
    slugs, before = {one.slug for one in now}, {one["service"] for one in kept.found}
    seen = visible_services(actor)
    went = set(seen.filter(slug__in=before - slugs).values_list("slug", flat=True)) if before - slugs else set()
    by_hand = seen.filter(pk__in=kept.by_hand).order_by("name").values_list("slug", "name") if kept.by_hand else ()
    was_taken = kept.taken_at is not None
    came = slugs - before if was_taken else set()
    return Impact(
        taken_at=kept.taken_at,
        is_stale=was_taken and bool(came or went or sorted(kept.of) != sorted(items)),
        now=now,
        came=sorted(came),
        went=sorted(went),
        by_hand=[{"slug": slug, "name": name} for slug, name in by_hand],
    )


def newly_impacted(service_id: int, before: Collection[int], after: Collection[int], actor: Actor) -> list[FeltService]:
    """The services that would feel it only because of the items that are added."""
    known = {one.slug for one in felt_now([service_id, *living(before)], actor)}
    return [one for one in felt_now([service_id, *living(after)], actor) if one.slug not in known]
