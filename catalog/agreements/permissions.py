"""Who keeps agreements, and who reads them."""

from typing import Any

from itsm.accounts.permissions import administrators, staff
from itsm.kernel.actors import Actor

__all__ = ["agreement_keepers", "agreement_readers"]


def agreement_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators, people; Headroom's own commands."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def agreement_readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: a due time must be explained to whom it binds."""
    return staff(actor)
