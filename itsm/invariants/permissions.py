"""Who sees what the auditor found, and who clears it."""

from typing import Any

from itsm.kernel.actors import Actor, Role


def readers(actor: Actor, record: Any = None) -> bool:
    """Administrators, change managers and auditors."""
    return actor.is_system or bool(actor.roles & {Role.ADMIN, Role.MANAGER, Role.AUDITOR})


def clearers(actor: Actor, record: Any = None) -> bool:
    """Administrators and change managers, people: a program never says that all is well again."""
    return actor.is_human and bool(actor.roles & {Role.ADMIN, Role.MANAGER})
