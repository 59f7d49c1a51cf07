"""Who reads the history of everything."""

from typing import Any

from itsm.kernel.actors import Actor, Role


def audit_readers(actor: Actor, record: Any = None) -> bool:
    """Auditors and administrators; of queues that are hidden from them nothing is shown to them either."""
    return actor.has(Role.AUDITOR, Role.ADMIN)


def check_askers(actor: Actor, record: Any = None) -> bool:
    """The same, in person: a check of everything takes a connection a core."""
    return actor.is_human and audit_readers(actor)
