"""Who sees what changes cost, and who corrects it."""

from typing import TYPE_CHECKING

from itsm.accounts.permissions import staff as readers
from itsm.kernel.actors import Actor, Role

if TYPE_CHECKING:
    from changes.change.models import Change

__all__ = ["readers", "refunders"]


def refunders(actor: Actor, change: "Change") -> bool:
    """People who own the service, and change managers. Never who has an interest (the operation asks)."""
    if not actor.is_human:
        return False
    team = change.service.team_id
    return actor.has(Role.MANAGER) or (actor.has(Role.OWNER) and (team is None or actor.belongs_to(team)))
