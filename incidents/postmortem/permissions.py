"""Who may do what with postmortems: whoever may with what they are about, the queue of the incident or problem."""

from typing import Any

from incidents.incident.permissions import responders
from itsm.accounts.permissions import participants, staff, the_system
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "doers",
    "doers_of_any",
    "participants",
    "publishers",
    "readers",
    "responders",
    "staff",
    "the_system",
    "waivers",
    "writers",
]


def readers(actor: Actor, postmortem: Any) -> bool:
    """Everybody who works here and sees the queue of what it is about; never a requester."""
    return staff(actor) and rights_in_queues(actor).sees(postmortem.team_id)


def writers(actor: Actor, postmortem: Any) -> bool:
    """Responders who may change what lies in that queue."""
    return responders(actor) and rights_in_queues(actor).may_change(postmortem.team_id)


def publishers(actor: Actor, postmortem: Any) -> bool:
    """A second pair of eyes: a responder, a person, who reads it and wrote nothing of it."""
    return _looks(actor, postmortem) and responders(actor) and actor.person_id not in postmortem.writers


def waivers(actor: Actor, postmortem: Any) -> bool:
    """Service owners and managers, people, but not who asked for the waiver."""
    asked = postmortem.waiver_person_id
    return _looks(actor, postmortem) and actor.has(Role.OWNER, Role.MANAGER) and actor.person_id != asked


def doers(actor: Actor, action: Any) -> bool:
    """Whoever owns an action, and whoever may write in its postmortem."""
    return (actor.id is not None and actor.id == action.owner_id) or writers(actor, action.postmortem)


def doers_of_any(actor: Actor, postmortem: Any) -> bool:
    """Whoever owns an action of it, and whoever may write in it: of which action is looked at with it."""
    if not readers(actor, postmortem):
        return False
    owns = actor.id is not None and postmortem.actions.filter(owner=actor.id).exists()
    return owns or writers(actor, postmortem)


def _looks(actor: Actor, postmortem: Any) -> bool:
    return actor.is_human and readers(actor, postmortem)
