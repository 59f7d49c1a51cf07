"""Swaps of turns that are no longer that person's to give, or time off: they become void, and both are told."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from itsm import lifecycle
from itsm.clocks.local_time import instant_of, seconds_of
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.oncall.engine import values
from itsm.oncall.engine.turns import people_of, start_of
from itsm.oncall.models import Schedule, Swap
from itsm.oncall.queries.loading import layers_of
from itsm.oncall.vocabulary import SwapStatus

SYSTEM = Actor.system("on-call")
_AHEAD = timedelta(days=2 * 366)


def void_what_is_over(schedule: Schedule, at: datetime) -> int:
    """In the caller's transaction, who holds the schedule and has changed its layers. How many became void."""
    layers = layers_of(schedule, at, at + _AHEAD)
    count = 0
    taken: list[values.Swap] = []
    for swap in Swap.objects.filter(schedule=schedule.pk, status__in=(SwapStatus.ASKED, SwapStatus.TAKEN)).order_by(
        "pk"
    ):
        held = [layer for layer in layers if layer.line == swap.layer_id]
        if _is_over(held, swap, at) or _still_theirs(held, swap, taken):
            if swap.in_person_id is not None:
                taken.append(values.Swap(swap.pk, swap.layer_id, swap.turn, swap.out_person_id, swap.in_person_id))
            continue
        void_swap(swap, actor=SYSTEM, because=gettext("The rotation changed: the turn is somebody else's now."))
        count += 1
    return count


def _is_over(layers: list[values.Layer], swap: Swap, at: datetime) -> bool:
    """What has passed stands, void or not."""
    return bool(layers) and all(instant_of(start_of(layer, swap.turn + 1)) <= at for layer in layers)


def _still_theirs(layers: list[values.Layer], swap: Swap, taken: list[values.Swap]) -> bool:
    for layer in layers:
        start, end = start_of(layer, swap.turn), start_of(layer, swap.turn + 1)
        since = seconds_of(layer.since) if layer.since else start
        until = seconds_of(layer.until) if layer.until else end
        people = set(people_of(layer, swap.turn))
        for one in taken:
            if (one.line, one.turn) == (swap.layer_id, swap.turn) and one.out in people:
                people.add(one.into)
        if max(start, since) < min(end, until) and swap.out_person_id in people:
            return True
    return False


def void_swap(swap: Swap, *, actor: Actor, because: str) -> Swap:
    """It changes nothing any more; both hear of it. Raises NotPermitted (the system does it), WrongState,
    MissingInformation."""
    with lifecycle.step(swap, "void", actor=actor) as current:
        current.because = because
    tell(
        "swap.voided",
        {"caller": [current.out_person_id], "assignee": [current.in_person_id]},
        _("The swap %(swap)s in %(name)s is void") % {"swap": current.reference, "name": current.schedule.name},
        body=because,
        path=current.get_absolute_url(),
        record=current,
        by=None,
    )
    return current
