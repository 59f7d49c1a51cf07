"""Who reads what is open and weak: administrators, who mend it, and auditors. To others it would be a map."""

from typing import Any

from itsm.kernel.actors import Actor, Role


def security_readers(actor: Actor, record: Any = None) -> bool:
    """People who are administrators or auditors; a program has no use for it, and a stolen token much."""
    return (actor.is_human or actor.is_system) and actor.has(Role.AUDITOR)
