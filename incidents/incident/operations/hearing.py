"""What a problem tells an incident: its workaround, its fix. On the word of who works on the problem."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.conversation import desk_says
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.work.models import Note
from itsm.work.operations import add_note


@transaction.atomic
def hear(incident: Incident, *, actor: Actor, text: str, private: bool, at: datetime | None = None) -> Note:
    """A word of a problem on an open incident: for its desk, or in public for its caller.

    The caller found the incident among what the actor may see, and judged that they work on the problem; no right in
    the incident's queue is needed. Raises WrongState where it is over or was merged, NotPermitted, MissingInformation.
    """
    current = lifecycle.locked(incident)
    if not current.is_open or current.merged_into_id is not None:
        raise WrongState(gettext("%(reference)s is over.") % {"reference": current.reference}, state=current.status)
    now = at or timezone.now()
    if private:
        return add_note(current, actor=actor, text=text, private=True, at=now)
    return desk_says(current, actor, text, now)
