"""Who may do what with incidents: nouns for people."""

from typing import Any

from itsm.accounts.permissions import anyone, participants, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["anyone", "closers", "concerned", "confirmers", "participants", "responders", "staff"]


def responders(actor: Actor, incident: Any = None) -> bool:
    """Those who work on incidents: agents, engineers, service owners, managers, and Headroom's own alerts."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def concerned(actor: Actor, incident: Any) -> bool:
    """Responders, and whoever reported it."""
    return responders(actor) or (actor.id is not None and incident.reported_by_id == actor.id)


def confirmers(actor: Actor, incident: Any) -> bool:
    """A second pair of eyes: a responder, a person, and not who reported it."""
    return responders(actor) and actor.is_human and actor.id != incident.reported_by_id


def closers(actor: Actor, incident: Any) -> bool:
    """Service owners, managers, and housekeeping."""
    return actor.has(Role.OWNER, Role.MANAGER)
