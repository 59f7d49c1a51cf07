"""Who may do what with requests: a role says which verbs, the item's queue says on what; a step needs both.

What a person asked for, and what is asked for them, is theirs; everybody else who is no fulfiller sees none of it.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone, participants, staff, the_system
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Role

__all__ = [
    "anyone",
    "askers",
    "concerned",
    "fulfillers",
    "fulfillers_or_system",
    "participants",
    "readers",
    "staff",
    "the_system",
    "theirs",
    "workers",
]


@named_right("requests.fulfil", _("work on requests in their queues"), lends=Role.AGENT)
def fulfillers(actor: Actor, record: Any = None) -> bool:
    """Those who work on what is asked for: agents, engineers, service owners, managers."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def readers(actor: Actor, request: Any) -> bool:
    """Those who read all of a request: everybody who works here and sees the queues of all its items."""
    rights = rights_in_queues(actor)
    return staff(actor) and all(rights.sees(team) for team in request.teams)


def workers(actor: Actor, item: Any) -> bool:
    """Fulfillers who may change what lies in the queue of this item."""
    return fulfillers(actor) and rights_in_queues(actor).may_change(item.team_id)


def fulfillers_or_system(actor: Actor, item: Any) -> bool:
    """As `workers`; Headroom itself, once no task is open."""
    return actor.is_system or workers(actor, item)


def works_on_some(actor: Actor, request: Any) -> bool:
    """Whether the actor may change one of its items at least."""
    rights = rights_in_queues(actor)
    return fulfillers(actor) and any(rights.may_change(team) for team in request.teams)


def theirs(actor: Actor, request: Any) -> bool:
    """Whoever asked, and whom it is for."""
    return actor.id is not None and actor.id in {request.by_id, request.requested_for_id}


def askers(actor: Actor, record: Any) -> bool:
    """As `theirs`, of a request or of one of its items; never who only reads here."""
    return participants(actor) and theirs(actor, getattr(record, "request", record))


def concerned(actor: Actor, request: Any) -> bool:
    """Those who work on some of it, and whose it is."""
    return works_on_some(actor, request) or theirs(actor, request)
