"""Who sees how backups stand."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor, Role


def readers(actor: Actor, record: Any = None) -> bool:
    """Administrators, who mend it, and auditors."""
    return administrators(actor) or actor.has(Role.AUDITOR)
