"""Who keeps software agents: everybody their own; administrators stop any; auditors see them."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor, Role


def people(actor: Actor, record: Any = None) -> bool:
    """Whoever signs in as a person may have agents, which may do less than they."""
    return actor.is_human


def owners(actor: Actor, record: Any = None) -> bool:
    """The person an agent acts for. No program: an agent gives itself nothing."""
    return actor.is_human and record is not None and record.account.owner_id == actor.id


def stoppers(actor: Actor, record: Any = None) -> bool:
    """Its owner, and administrators in person."""
    return owners(actor, record) or (actor.is_human and administrators(actor))


def resumers(actor: Actor, record: Any = None) -> bool:
    """Whoever stopped it, while they may still stop it; administrators in person in any case."""
    if not stoppers(actor, record):
        return False
    return record.stopped_by_id in (None, actor.id) or administrators(actor)


def readers(actor: Actor, record: Any = None) -> bool:
    """People see their own; administrators and auditors all."""
    return actor.is_human or overseers(actor)


def door_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators in person shut the agents' door for all of them, and open it."""
    return actor.is_human and administrators(actor)


def overseers(actor: Actor, record: Any = None) -> bool:
    """Administrators and auditors see every agent."""
    return actor.has(Role.ADMIN, Role.AUDITOR)
