"""Who speaks to everybody."""

from typing import Any

from itsm.accounts.permissions import anyone, staff
from itsm.kernel.actors import Actor, Role

__all__ = ["announcers", "anyone", "staff"]


def announcers(actor: Actor, record: Any = None) -> bool:
    """The desk, service owners, change managers and administrators."""
    return actor.has(Role.AGENT, Role.OWNER, Role.MANAGER)
