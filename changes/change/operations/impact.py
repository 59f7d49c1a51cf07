"""Look anew at whom a change would hit, and add by hand whom nothing told of: what was added stays.

Headroom looks by itself soon after a change is asked, and again each night while it is open: what has no snapshot, or
an old one, is owed one. The gate's own answer waits for none of this.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.models.impact_snapshot import ImpactSnapshot
from changes.change.operations.planning import require_planner
from changes.change.queries.impact import felt_now, of_what
from changes.change.workflow import OVER, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, WrongState
from itsm.one_by_one import one_by_one

if TYPE_CHECKING:
    from catalog.models import Service

MOST_BY_HAND = 50
OPEN = tuple(one for one in Status.values if one not in OVER)
MOST_AT_ONCE = 200
KEPT_FOR = timedelta(hours=20)  # renewed each night, whatever hour it was taken at
_EVERYTHING = Actor.system("impact")  # it is kept whole; each reader is shown what is theirs to see


@transaction.atomic
def take_impact(change: Change, *, actor: Actor, at: datetime) -> ImpactSnapshot:
    """Keep whom it would hit as the configuration stands now. Raises NotPermitted, WrongState (over)."""
    return _look(_planned(change, actor), actor, at)


def take_owed(at: datetime) -> int:
    """First snapshots of open changes that have none. Safe to run twice. Returns how many were taken."""
    return _take_each(Q(impact=None) | Q(impact__taken_at=None), at, most=MOST_AT_ONCE)


def renew(at: datetime) -> int:
    """Old snapshots of what is still open, the oldest first. Safe to run twice. Returns how many were taken."""
    return _take_each(Q(impact__taken_at__lt=at - KEPT_FOR), at, most=None)


def _take_each(owed: Q, at: datetime, *, most: int | None) -> int:
    """One transaction for each, every one looked at once: what somebody holds just now, or cannot be looked at, is left
    for the next time, and stands in front of no other one.
    """
    waiting = Change.objects.filter(owed, status__in=OPEN).order_by("impact__taken_at", "pk")
    taken, seen = 0, set[int]()
    while most is None or taken < most:
        some = list(waiting.exclude(pk__in=seen).values_list("pk", flat=True)[:MOST_AT_ONCE])
        if not some:
            break
        seen.update(some)
        taken += one_by_one(some, lambda pk: _take_if(pk, owed, at), what="whom a change would hit")
    return taken


@transaction.atomic
def _take_if(pk: int, owed: Q, at: datetime) -> bool:
    free = Change.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    current = free.filter(pk=pk, status__in=OPEN).first()
    if current is None or not Change.objects.filter(owed, pk=pk).exists():
        return False
    _look(current, _EVERYTHING, at)
    return True


def _look(current: Change, actor: Actor, at: datetime) -> ImpactSnapshot:
    """Under the change's lock. What Headroom finds the same is no news."""
    kept = _kept(current)
    items = of_what(current)
    found = felt_now(items, _EVERYTHING)
    before = sorted(one["service"] for one in kept.found)
    is_first, kept.taken_at, kept.of = kept.taken_at is None, at, items
    kept.found = [{"service": one.slug, "state": one.state, "via": list(one.via)} for one in found]
    kept.save(update_fields=["taken_at", "of", "found"])
    after = sorted(one.slug for one in found)
    if is_first or before != after or not actor.is_system:
        lifecycle.announce(current, "impact_taken", actor=actor, changes={"impacted": [before, after]})
    return kept


@transaction.atomic
def add_impacted(change: Change, *, actor: Actor, service: "Service") -> ImpactSnapshot:
    """A service that would feel it though nothing tells of it. Raises NotPermitted, WrongState, Conflict (too many)."""
    current = _planned(change, actor)
    kept = _kept(current)
    if service.pk in kept.by_hand:
        return kept
    if len(kept.by_hand) >= MOST_BY_HAND:
        raise Conflict(gettext("At most %(most)s services are added by hand.") % {"most": MOST_BY_HAND})
    kept.by_hand = [*kept.by_hand, service.pk]
    kept.save(update_fields=["by_hand"])
    lifecycle.announce(current, "impact_added", actor=actor, changes={"impacted": [None, service.slug]})
    return kept


@transaction.atomic
def remove_impacted(change: Change, *, actor: Actor, service: "Service") -> ImpactSnapshot:
    """What was added by hand is so no more. Raises NotPermitted, WrongState (over)."""
    current = _planned(change, actor)
    kept = _kept(current)
    if service.pk in kept.by_hand:
        kept.by_hand = [one for one in kept.by_hand if one != service.pk]
        kept.save(update_fields=["by_hand"])
        lifecycle.announce(current, "impact_removed", actor=actor, changes={"impacted": [service.slug, None]})
    return kept


def _planned(change: Change, actor: Actor) -> Change:
    current = lifecycle.locked(change)
    require_planner(current, actor)
    if current.status in OVER:
        raise WrongState(
            gettext("%(reference)s is over; its impact stays as it was kept.") % {"reference": current.reference},
            state=current.status,
        )
    return current


def _kept(change: Change) -> ImpactSnapshot:
    """Under the change's lock: one of each."""
    return ImpactSnapshot.objects.get_or_create(change=change)[0]
