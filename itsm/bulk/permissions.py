"""Who may send actions to many records; what each record allows is judged by its own rules."""

from typing import Any

from itsm.accounts.permissions import participants, staff
from itsm.kernel.actors import Actor


def senders(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here and does not only read."""
    return actor.id is not None and staff(actor) and participants(actor)


def owners(actor: Actor, bulk: Any) -> bool:
    """Whoever sent it."""
    return actor.id is not None and actor.id == bulk.owner_id
