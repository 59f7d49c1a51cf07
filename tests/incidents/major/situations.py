"""Major incidents in the states that tests begin with, made by their own operations."""

from typing import Any

from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.major import operations
from incidents.models import Incident, Major
from itsm.kernel.actors import Actor


def an_incident(actor: Actor, **said: Any) -> Incident:
    return incidents.open_incident(actor=actor, **({"title": "Checkout returns 502", "priority": 3} | said))


def proposed(actor: Actor, **said: Any) -> Major:
    return operations.propose_incident(an_incident(actor, **said), actor=actor, reason="All tills are down")


def live(actor: Actor, decider: Actor, *, severity: int = 1, commander: str = "", **said: Any) -> Major:
    """Proposed by the actor, accepted and led by the decider, where nobody else is named."""
    major = proposed(actor, **said)
    return operations.accept(major, actor=decider, severity=severity, commander=commander, at=timezone.now())


def resolved(major: Major, commander: Actor) -> Major:
    return operations.resolve(
        major, actor=commander, resolution="Rolled back", resolution_code="solved", at=timezone.now()
    )


def fresh(record: Any) -> Any:
    return type(record)._default_manager.get(pk=record.pk)
