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


def people(actor: Actor, record: Any = None) -> bool:
    """People who work here and do not only read; no program decides what a program proposed."""
    return actor.is_human and not actor.looks_only and staff(actor) and participants(actor)


def overseers(actor: Actor, record: Any = None) -> bool:
    """Who reads how proposals fare: everybody who works here. Figures name no record."""
    return staff(actor)
