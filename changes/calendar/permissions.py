"""Who may do what with the change calendar."""

from typing import Any

from itsm.kernel.actors import Actor, Role


def calendar_keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers keep the calendar of freezes and maintenance."""
    return (actor.is_human or actor.is_system) and actor.has(Role.MANAGER)
