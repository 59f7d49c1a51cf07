"""Who reads reports: everybody who works here, of what they may see. A kept report is there for its owner and for whom
it is mailed to."""

from typing import Any

from itsm.accounts.permissions import anyone, staff
from itsm.kernel.actors import Actor

__all__ = ["anyone", "makers", "owners", "staff"]


def makers(actor: Actor, report: Any = None) -> bool:
    """People who work here keep reports, auditors too: a report changes nothing but itself."""
    return staff(actor) and actor.is_human


def owners(actor: Actor, report: Any) -> bool:
    """Whose report it is."""
    return makers(actor) and report.owner_id == actor.id
