"""How components stand from when on: said by notices, or by hand over them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.statuspage.models import Component, ComponentSpan, Maintenance, PublicIncident, StatusPage
from itsm.statuspage.operations.owing import owe_snapshot
from itsm.statuspage.permissions import publishers
from itsm.statuspage.vocabulary import State


def require_components(page: StatusPage, wanted: Collection[int]) -> None:
    """InvalidInput where one of these ids is no component that the page shows."""
    known = set(Component.objects.filter(page=page, retired_at=None, pk__in=wanted).values_list("pk", flat=True))
    if unknown := sorted(set(wanted) - known):
        sentence = gettext("%(page)s has no component %(number)d.") % {"page": page.name, "number": unknown[0]}
        raise InvalidInput.about("components", sentence)


def say_states(notice: PublicIncident | Maintenance, states: Mapping[int, str], *, from_: datetime) -> None:
    """These components stand so from then on, by this notice, which is locked. Operational ends what it said."""
    own = {"incident": notice} if isinstance(notice, PublicIncident) else {"maintenance": notice}
    held = {one.component_id: one for one in ComponentSpan.objects.filter(ended_at=None, **own)}
    for component, state in states.items():
        before = held.get(component)
        if before is not None and before.state == state:
            continue
        if before is not None:
            before.ended_at = max(from_, before.began_at)
            before.save(update_fields=["ended_at"])
        if state != State.OPERATIONAL:
            ComponentSpan.objects.create(component_id=component, state=state, began_at=from_, **own)


def close_spans(
    *, incident: PublicIncident | None = None, maintenance: Maintenance | None = None, at: datetime
) -> None:
    """What the notice said of components ends."""
    for span in ComponentSpan.objects.filter(incident=incident, maintenance=maintenance, ended_at=None):
        span.ended_at = max(at, span.began_at)
        span.save(update_fields=["ended_at"])


@transaction.atomic
def set_state(component: Component, *, actor: Actor, at: datetime, state: str) -> Component:
    """Say by hand how a component stands, over what notices say; "" lets notices say it again.

    Raises NotPermitted, InvalidInput.
    """
    if not publishers(actor):
        raise NotPermitted(gettext("People of the desk, service owners and change managers speak to the public."))
    if state and state not in State.values:
        raise InvalidInput.about("state", gettext("Say one of: %(words)s.") % {"words": ", ".join(State.values)})
    current = lifecycle.locked(component)
    held = ComponentSpan.objects.filter(component=current, incident=None, maintenance=None, ended_at=None).first()
    if (held.state if held else "") == state:
        return current
    if held is not None:
        held.ended_at = max(at, held.began_at)
        held.save(update_fields=["ended_at"])
    if state:
        ComponentSpan.objects.create(component=current, state=state, began_at=at)
    changes = {"state": [held.state if held else None, state or None]}
    lifecycle.announce(current, "set" if state else "released", actor=actor, changes=changes)
    owe_snapshot()
    return current
