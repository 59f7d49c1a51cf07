"""Who keeps own roles, who reads them, and who may look at the desk as somebody else. None of it can be given away."""

from typing import Any

from itsm.kernel.actors import Actor, Role

__all__ = ["keepers", "readers", "viewers"]


def keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators, people, by the built-in role: what keeps roles is in no role that is kept."""
    return actor.is_human and Role.ADMIN in actor.roles


def readers(actor: Actor, record: Any = None) -> bool:
    """Administrators and auditors."""
    return bool(actor.roles & {Role.ADMIN, Role.AUDITOR})


def viewers(actor: Actor, record: Any = None) -> bool:
    """Administrators and auditors, in person and on pages: they look, and do nothing."""
    return actor.is_human and readers(actor)
