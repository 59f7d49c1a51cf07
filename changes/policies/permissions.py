"""Who may do what with policy versions."""

from typing import Any

from itsm.kernel.actors import Actor, Role


def policy_keepers(actor: Actor, record: Any = None) -> bool:
    """Change managers, people, propose what the gate is ruled by."""
    return actor.is_human and actor.has(Role.MANAGER)
