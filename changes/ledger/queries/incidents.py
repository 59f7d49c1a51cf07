"""Whose the budget was that burned around an incident: changes, what it depends on, or nobody's."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from changes.change.models import Change
from changes.ledger.queries.settling import Place, settled
from changes.ledger.queries.windows import paying
from changes.ledger.queries.words import said
from changes.ledger.rules import MinuteRange
from incidents.incident.queries import by_reference
from itsm.kernel.actors import Actor
from slo.engine.samples import epoch_minute
from slo.objectives.queries.counted_minutes import measured_objectives
from slo.objectives.queries.outages import record_costs

if TYPE_CHECKING:
    from slo.models import Objective


@dataclass(frozen=True, slots=True)
class Payer:
    """A change, what it depends on, or nobody's change: so much, as words and as a share of the excess."""

    change: Change | None
    is_dependency: bool
    said: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class IncidentCost:
    """One outage period of one objective that this incident belongs to."""

    objective: "Objective"
    started_at: datetime
    ended_at: datetime
    said: str
    payers: list[Payer]


def costs_of_incident(reference: str, actor: Actor, at: datetime) -> list[IncidentCost]:
    """Of the outage periods that it may have caused, the dearest first; at most ten.

    Raises NotFound for an incident that the actor may not see.
    """
    incident = by_reference(actor, reference)
    lines = [line for one in record_costs(actor, incident.reference) for line, _cause in one.lines][:10]
    return [one for line in lines if (one := _cost(line.objective, line.outage.started_at, line.outage.ended_at, at))]


def _cost(objective: "Objective", started_at: datetime, ended_at: datetime, at: datetime) -> IncidentCost | None:
    known = measured_objectives(objective.service_id, objective.environment)
    measured = next((one for one in known if one.pk == objective.pk), None)
    if measured is None:
        return None
    place = Place(objective.service_id, objective.environment)
    minutes = MinuteRange(epoch_minute(started_at), epoch_minute(ended_at))
    changes = paying(place.service_id, place.environment, minutes, at)
    found = settled(measured, place, minutes, changes)
    if not found.excess:
        return None
    named = Change.objects.in_bulk(list(found.debits))

    def payer(amount: int, change: Change | None = None, *, is_dependency: bool = False) -> Payer:
        return Payer(change, is_dependency, said(objective, amount), Decimal(amount) / found.excess)

    payers = [payer(amount, named[pk]) for pk, amount in found.debits.most_common() if amount and pk in named]
    if found.dependency:
        payers.append(payer(found.dependency, is_dependency=True))
    if found.unattributed:
        payers.append(payer(found.unattributed))
    return IncidentCost(objective, started_at, ended_at, said(objective, found.excess), payers)
