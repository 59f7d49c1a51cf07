"""Look anew at whom a change would hit, and add by hand whom nothing told of: what was added stays."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.models.impact_snapshot import ImpactSnapshot
from changes.change.permissions import planners
from changes.change.queries.impact import felt_now, of_what
from changes.change.workflow import OVER
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.models import Service

MOST_BY_HAND = 50
_EVERYTHING = Actor.system("impact")  # it is kept whole; each reader is shown what is theirs to see


@transaction.atomic
def take_impact(change: Change, *, actor: Actor, at: datetime) -> ImpactSnapshot:
    """Keep whom it would hit as the configuration stands now. Raises NotPermitted, WrongState (over)."""
    current = _planned(change, actor)
    kept = _kept(current)
    items = of_what(current)
    found = felt_now(items, _EVERYTHING)
    before = sorted(one["service"] for one in kept.found)
    kept.taken_at, kept.of = at, items
    kept.found = [{"service": one.slug, "state": one.state, "via": list(one.via)} for one in found]
    kept.save(update_fields=["taken_at", "of", "found"])
    changes = {"impacted": [before, sorted(one.slug for one in found)]}
    lifecycle.announce(current, "impact_taken", actor=actor, changes=changes)
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
    if not planners(actor, current):
        words = {"name": actor.name, "reference": current.reference}
        raise NotPermitted(gettext("%(name)s does not plan the work on %(reference)s.") % words)
    if current.status in OVER:
        raise WrongState(
            gettext("%(reference)s is over; its impact stays as it was kept.") % {"reference": current.reference},
            state=current.status,
        )
    return current


def _kept(change: Change) -> ImpactSnapshot:
    """Under the change's lock: one of each."""
    return ImpactSnapshot.objects.get_or_create(change=change)[0]
