"""Time worked on an incident: who works there notes, corrects and withdraws their own."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations.merged import require_unmerged
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.work import time_worked
from itsm.work.models import TimeWorked


@transaction.atomic
def add_time(incident: Incident, *, actor: Actor, minutes: int, note: str = "", day: date | None = None) -> TimeWorked:
    """One's own minutes, 1 to 1440, on a day (today without one). Raises NotPermitted, InvalidInput, Merged."""
    current = _worked_on(incident, actor)
    require_unmerged(current, actor)
    return time_worked.add_time(current, actor=actor, minutes=minutes, note=note, day=day)


@transaction.atomic
def correct_time(incident: Incident, entry: TimeWorked, *, actor: Actor, **fields: Any) -> TimeWorked:
    """Change minutes, note or day of one's own entry. Raises NotPermitted, InvalidInput, NotFound."""
    return time_worked.correct_time(_worked_on(incident, actor), entry, actor=actor, **fields)


@transaction.atomic
def withdraw_time(incident: Incident, entry: TimeWorked, *, actor: Actor) -> None:
    """Take one's own entry back. Raises NotPermitted, NotFound."""
    time_worked.withdraw_time(_worked_on(incident, actor), entry, actor=actor)


def _worked_on(incident: Incident, actor: Actor) -> Incident:
    current = lifecycle.locked(incident)
    if not permissions.workers(actor, current):
        raise NotPermitted(
            gettext("%(name)s does not work on %(reference)s.") % {"name": actor.name, "reference": current.reference}
        )
    return current
