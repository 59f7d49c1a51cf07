"""Who proposes and who decides: software agents propose, people decide by the rights that they have over a record."""

from typing import Any

from itsm.accounts.permissions import participants, staff
from itsm.kernel.actors import Actor, Kind


def proposers(actor: Actor, record: Any = None) -> bool:
    """Software agents alone: people write what they may write, or ask for it."""
    return actor.kind is Kind.AGENT


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here, of records that they read whole."""
    return staff(actor)


def awaited(actor: Actor, record: Any = None) -> bool:
    """Whose word it waits for: people who work here and do not only read. Whoever looks with the rights of others sees
    what waits for those."""
    return actor.is_human and staff(actor) and participants(actor)


def people(actor: Actor, record: Any = None) -> bool:
    """Who decides: those of them who are there themselves; no program decides what a program proposed."""
    return awaited(actor) and not actor.looks_only


def overseers(actor: Actor, record: Any = None) -> bool:
    """Who reads how proposals fare: everybody who works here. Figures name no record."""
    return staff(actor)
