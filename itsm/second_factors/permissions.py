"""Who says whose sign-in takes a second factor: administrators, people; auditors read it."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor, Role


def keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators; a program never says how others come in."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def readers(actor: Actor, record: Any = None) -> bool:
    """Administrators and auditors."""
    return actor.has(Role.ADMIN, Role.AUDITOR)
