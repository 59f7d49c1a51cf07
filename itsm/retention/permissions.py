"""Who says how long records are kept."""

from typing import Any

from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor


def retention_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators; a program never says what goes."""
    return administrators(actor) and (actor.is_human or actor.is_system)
