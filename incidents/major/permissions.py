"""Who may do what with major incidents: whoever may with the incident, and by the part that somebody plays in it."""

from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from incidents.incident.permissions import responders
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import administrators, participants, staff, the_system
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "commanders",
    "deciders",
    "duty_is",
    "keepers",
    "participants",
    "proposers",
    "readers",
    "responders",
    "staff",
    "the_system",
    "workers",
]

_duty: list[Callable[[], Collection[int]]] = []


def duty_is(find: Callable[[], Collection[int]]) -> None:
    """`find()` gives the ids of the duty managers of this hour. Called once, in `ready()`."""
    if find not in _duty:
        _duty.append(find)


def readers(actor: Actor, major: Any) -> bool:
    """Everybody who works here and sees the queue of the incident."""
    return staff(actor) and rights_in_queues(actor).sees(major.team_id)


def proposers(actor: Actor, major: Any) -> bool:
    """Responders who see it."""
    return responders(actor) and readers(actor, major)


def workers(actor: Actor, major: Any) -> bool:
    """Responders who may change what lies in the incident's queue, whoever plays a part in it, and who accepted it."""
    if not readers(actor, major):
        return False
    return plays_a_part(actor, major) or (responders(actor) and rights_in_queues(actor).may_change(major.team_id))


def plays_a_part(actor: Actor, major: Any) -> bool:
    """The commander, who speaks for it, who writes it down, and who accepted it: they answer for it too."""
    if actor.id is None:
        return False
    parts = {major.commander_id, major.communications_id, major.scribe_id}
    return actor.id in parts or (actor.id == major.decided_by_id and major.is_accepted)


def deciders(actor: Actor, major: Any) -> bool:
    """Managers, service owners and the duty manager, people, who see it."""
    if actor.is_system:
        return True
    if not (actor.is_human and readers(actor, major)):
        return False
    return actor.has(Role.MANAGER, Role.OWNER) or any(actor.id in find() for find in _duty)


def commanders(actor: Actor, major: Any) -> bool:
    """Whoever commands it, in person."""
    return actor.is_system or (actor.is_human and actor.id is not None and actor.id == major.commander_id)


def enders(actor: Actor, major: Any) -> bool:
    """Whoever commands it, and who decides."""
    return commanders(actor, major) or deciders(actor, major)


@named_right("major.keep", _("keep the rules that propose major incidents"), lends=Role.MANAGER)
def keepers(actor: Actor, rule: Any = None) -> bool:
    """Managers and administrators, people, say what proposes a major incident."""
    return actor.is_system or (actor.is_human and (actor.has(Role.MANAGER) or administrators(actor)))
