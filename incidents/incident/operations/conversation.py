"""What people say on an incident: private notes of the desk, and public words between the desk and the caller.

What a caller says has an effect: it resumes work that waited for them, reopens what they say is not over, and begins a
new incident where the old one is closed.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident import permissions, queries
from incidents.incident.models import Incident
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.operations.opening import begin_following
from incidents.incident.operations.steps import resume
from incidents.incident.operations.telling import tell_caller, tell_desk
from incidents.incident.vocabulary import HoldReason
from incidents.incident.workflow import Status
from itsm import lifecycle, rows
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.work.models import Link, Note
from itsm.work.operations import add_note, link
from itsm.work.watching import watches

# What rules and clocks ask of a record that somebody speaks on.
_ASKED_OF = ("team", "service", "category")


class Answered(Conflict):
    """Somebody else answered while this was being written: read that first."""

    code, title = "answered-meanwhile", "Somebody answered meanwhile"


@transaction.atomic
def note(incident: Incident, *, actor: Actor, text: str, at: datetime | None = None) -> Note:
    """A private note, written `at` (now), for those who read the whole record.

    Raises NotPermitted, MissingInformation, Merged.
    """
    current = lifecycle.locked(incident)
    require_unmerged(current, actor)
    if not permissions.note_writers(actor, current):
        raise NotPermitted(
            gettext("%(actor_name)s writes no notes on %(reference)s.")
            % {"actor_name": actor.name, "reference": current.reference}
        )
    return add_note(current, actor=actor, text=text, private=True, at=at)


@transaction.atomic
def reply(incident: Incident, *, actor: Actor, text: str, at: datetime | None = None, seen: int | None = None) -> Note:
    """A public word: of the desk to the caller, or of the caller (who it is for, who reported it, who watches it).

    Returns the note; it lies on the survivor where the incident was merged, and on a new incident that follows where it
    is over for good. `seen`: the newest note that the writer had read. Raises NotPermitted, MissingInformation, and
    Answered where somebody else said something in public after that.
    """
    asked, current = _where_it_lives(incident)
    if seen is not None and (meanwhile := queries.replied_since(current, actor, seen)):
        raise Answered(_meanwhile(meanwhile))
    now = at or timezone.now()
    if permissions.speakers_for_the_desk(actor, asked) and actor.id != current.caller_id:
        require_unmerged(asked, actor)
        return desk_says(current, actor, text, now)
    both = (asked,) if current.pk == asked.pk else (asked, current)
    if not any(permissions.theirs(actor, one) or watches(actor, one) for one in both):
        raise NotPermitted(
            gettext("%(actor_name)s may not reply on %(reference)s.")
            % {"actor_name": actor.name, "reference": asked.reference}
        )
    if current.status in {Status.CLOSED, Status.CANCELLED}:
        current = _follow_up(current, actor, text)
    return _caller_says(current, actor, text, now)


def _meanwhile(notes: list[Note]) -> str:
    names = ", ".join(sorted({str(one.by) for one in notes}))
    return gettext("%(names)s answered meanwhile. Your words are kept: read the answer, then send them again.") % {
        "names": names
    }


def _where_it_lives(incident: Incident) -> tuple[Incident, Incident]:
    """It as it stands, and what it lives on in (itself, or the survivor), which alone is locked: locks of both would
    have to be taken in order, and whoever merges waits for nobody's words."""
    if (living := rows.held(Incident, _ASKED_OF, incident.pk, still="merged_into_id IS NULL")) is not None:
        return living, living
    while True:
        asked = Incident.objects.select_related("team").get(pk=incident.pk)
        held = lifecycle.locked(asked.merged_into or asked)
        if held.merged_into_id is None and (held.pk == asked.pk or _lives_on_in(asked, held)):
            return (held if held.pk == asked.pk else asked), held


def _lives_on_in(asked: Incident, held: Incident) -> bool:
    """Whether nobody merged or split it before the survivor was locked."""
    return Incident.objects.filter(pk=asked.pk, merged_into=held.pk).exists()


def desk_says(incident: Incident, actor: Actor, text: str, now: datetime) -> Note:
    """A public word of the desk, on the locked row; who may say it was judged. Raises MissingInformation."""
    incident.agent_spoke_at = now
    named = ["agent_spoke_at"]
    if incident.first_response_at is None and actor.is_human:  # as its clock has it
        incident.first_response_at = now
        named.append("first_response_at")
    if incident.acknowledged_at is None and actor.is_human:
        incident.acknowledged_at = now
        named.append("acknowledged_at")
    rows.update(incident, named)  # nobody's edit goes stale by a word
    said = add_note(incident, actor=actor, text=text, private=False, at=now)  # who listens sees all of it
    tell_caller(incident, actor, "incident.answered", _answered(incident), text, note=said)
    return said


def _caller_says(incident: Incident, actor: Actor, text: str, now: datetime) -> Note:
    said = add_note(incident, actor=actor, text=text, private=False, at=now)
    incident.caller_spoke_at = now
    rows.update(incident, ["caller_spoke_at"])
    if incident.status == Status.ON_HOLD and incident.hold_reason == HoldReason.CALLER:
        _resumed_by(incident, actor)
    tell_desk(incident, actor, "incident.caller_answered", _answered(incident), text)
    return said


def _resumed_by(incident: Incident, actor: Actor) -> None:
    """What was waited for has come; the history names whose word it was."""
    resume(incident, actor=Actor.system(gettext("the answer of %(name)s") % {"name": actor.name}, actor.via))


def _follow_up(old: Incident, actor: Actor, text: str) -> Incident:
    """A new incident for who answers on one that is over, with its caller, service, category and queue."""
    made = begin_following(old, actor=actor, description=text)
    link(made, old, actor=actor, meaning=Link.Meaning.FOLLOWS)
    return lifecycle.locked(made)


def _answered(incident: Incident) -> Words:
    return _("Answer on %(incident)s: %(title)s") % {"incident": incident.reference, "title": incident.title}
