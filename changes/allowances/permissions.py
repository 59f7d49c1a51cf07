"""Who gives and sees allowances."""

from typing import Any

from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor, Role

__all__ = ["givers", "keepers", "staff"]


def givers(actor: Actor, service: Any = None) -> bool:
    """Change managers, and owners in the service's team, people, share out its headroom."""
    if not actor.is_human:
        return False
    team = getattr(service, "team_id", None)
    return actor.has(Role.MANAGER) or (actor.has(Role.OWNER) and (team is None or actor.belongs_to(team)))


def keepers(actor: Actor, allowance: Any) -> bool:
    """Whoever may give allowances of its service changes them and takes them back."""
    return givers(actor, allowance.service)
