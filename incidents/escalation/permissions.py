"""Who says which incidents wake whom."""

from typing import Any

from itsm.accounts.permissions import administrators, anyone, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["administrators", "anyone", "keepers", "staff"]


def keepers(actor: Actor, route: Any = None) -> bool:
    """Managers and administrators."""
    return actor.has(Role.MANAGER, Role.ADMIN)
