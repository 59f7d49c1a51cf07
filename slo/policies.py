"""Who may do what here, as nouns for people."""

from typing import Any

from itsm.kernel.actors import Actor, Role

_STAFF = frozenset(Role) - {Role.REQUESTER}


def readers(actor: Actor) -> bool:
    """Everyone signed in except those who only request."""
    return actor.has(*_STAFF)


def authors(actor: Actor) -> bool:
    """Who may define indicators, and objectives for some service (which one: `keepers`)."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


def keepers(actor: Actor, service: Any) -> bool:
    """Who may set objectives for this service: engineers, change managers, owners in its team."""
    if actor.has(Role.ENGINEER, Role.MANAGER):
        return True
    return actor.has(Role.OWNER) and (service.team_id is None or actor.belongs_to(service.team_id))


def senders(actor: Actor) -> bool:
    """Who may send measurements: engineers and owners, and programs signed in with one of these roles."""
    return authors(actor)


def budget_authorities(actor: Actor) -> bool:
    """Who may relax an objective while its budget is exhausted."""
    return actor.has(Role.MANAGER)
