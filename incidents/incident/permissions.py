"""Who may do what with incidents: a role says which verbs, the queue says on what; a step needs both."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, anyone, contributors, participants, staff
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "anyone",
    "closers",
    "concerned",
    "confirmers",
    "contributors",
    "keepers",
    "participants",
    "readers",
    "responders",
    "speakers_for_the_desk",
    "staff",
    "theirs",
    "workers",
]


@named_right("incidents.respond", _("work on incidents and problems in their queues"), lends=Role.AGENT)
def responders(actor: Actor, incident: Any = None) -> bool:
    """Those who work on incidents: agents, engineers, service owners, managers, and Headroom's own alerts."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def workers(actor: Actor, incident: Any) -> bool:
    """Responders who may change what lies in this incident's queue."""
    return responders(actor) and rights_in_queues(actor).may_change(incident.team_id)


def readers(actor: Actor, incident: Any) -> bool:
    """Those who read all of it, private notes too: everybody who works here and sees the queue."""
    return staff(actor) and rights_in_queues(actor).sees(incident.team_id)


def speakers_for_the_desk(actor: Actor, incident: Any) -> bool:
    """Who works on it, also who reported it for somebody; not the caller, whatever they may do here."""
    return workers(actor, incident) and actor.id != incident.caller_id


def theirs(actor: Actor, incident: Any) -> bool:
    """Whoever is affected, and whoever reported it for them."""
    return actor.id is not None and actor.id in {incident.caller_id, incident.opened_by_id}


def concerned(actor: Actor, incident: Any) -> bool:
    """Those who work on it, and whose it is."""
    return workers(actor, incident) or theirs(actor, incident)


def confirmers(actor: Actor, incident: Any) -> bool:
    """A second pair of eyes: a responder, a person, and neither who reported it nor who is affected."""
    return responders(actor) and readers(actor, incident) and actor.is_human and not theirs(actor, incident)


_writers_too: list[Callable[[Actor, Any], bool]] = []


def notes_are_written_too_by(judge: Callable[[Actor, Any], bool]) -> None:
    """`judge(actor, incident)`: whoever leads it writes into its room, though its queue is another's. Called once, in
    `ready()` of what knows who leads."""
    if judge not in _writers_too:
        _writers_too.append(judge)


def note_writers(actor: Actor, incident: Any) -> bool:
    """Who writes private notes: who works in its queue, and whoever leads it."""
    return workers(actor, incident) or (
        readers(actor, incident) and any(judge(actor, incident) for judge in _writers_too)
    )


@named_right("incidents.close", _("close incidents"), lends=Role.OWNER)
def close_every(actor: Actor, incident: Any = None) -> bool:
    """Service owners and managers, of incidents that they read."""
    return actor.has(Role.OWNER, Role.MANAGER)


def closers(actor: Actor, incident: Any) -> bool:
    """Service owners, managers, whose it is, and housekeeping."""
    return (close_every(actor) and readers(actor, incident)) or theirs(actor, incident)


@named_right("incidents.keep_settings", _("keep categories and the priority matrix"), lends=Role.ADMIN)
def keepers(actor: Actor, record: Any = None) -> bool:
    """Who keeps categories and the priority matrix: administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)
