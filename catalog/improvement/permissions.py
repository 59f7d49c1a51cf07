"""Who proposes, accepts and carries out improvements."""

from typing import Any

from itsm.accounts.permissions import contributors, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["accepters", "keepers", "proposers", "staff", "writers"]


def proposers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here and does not only read."""
    return contributors(actor)


def accepters(actor: Actor, record: Any = None) -> bool:
    """Service owners and change managers, people: it costs other work its time."""
    return (actor.is_human or actor.is_system) and actor.has(Role.OWNER, Role.MANAGER)


def keepers(actor: Actor, improvement: Any) -> bool:
    """Its owner, service owners and change managers."""
    theirs = actor.id is not None and actor.id == improvement.owner_id
    return actor.has(Role.OWNER, Role.MANAGER) or (theirs and contributors(actor))


def writers(actor: Actor, improvement: Any) -> bool:
    """Its keepers, and who proposed it."""
    proposed = actor.id is not None and actor.id == improvement.proposed_by_id
    return keepers(actor, improvement) or (proposed and contributors(actor))
