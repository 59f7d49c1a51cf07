"""What one change cost, for its page and REST: by objective, with what was held, refunds and whether it is final."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from changes.change.models import Change
from changes.ledger.models import ChangeCost, Refund
from changes.ledger.queries.sums import ObjectiveSum, by_debit, naming, sums_of
from changes.ledger.queries.windows import window_of
from changes.ledger.queries.words import said
from changes.ledger.vocabulary import FailedBy
from incidents.incident.queries import seen_by
from itsm.kernel.actors import Actor
from slo.engine.samples import instant_of
from slo.objectives.queries.listing import named

if TYPE_CHECKING:
    from slo.models import Objective


@dataclass(frozen=True, slots=True)
class CostLine:
    """One objective: whole events (or slices), and shares of its budget."""

    objective: "Objective"
    sums: ObjectiveSum

    @property
    def debit(self) -> Decimal:
        """Before refunds."""
        return self._counted(self.sums.debit)

    @property
    def net(self) -> Decimal:
        """After refunds."""
        return self._counted(self.sums.net)

    @property
    def dependency(self) -> Decimal:
        """What a confirmed outage of something it depends on took, in the minutes of this change."""
        return self._counted(self.sums.dependency)

    @property
    def refunded(self) -> Decimal:
        """Given back, on two names."""
        return self._counted(self.sums.refunded)

    @property
    def said(self) -> str:
        """ "300 events"."""
        return said(self.objective, self.sums.net)

    def _counted(self, amount: int) -> Decimal:
        return Decimal(amount) / self.objective.unit


@dataclass(frozen=True, slots=True)
class CostSheet:
    """`window`: when it paid; None before it starts. `cost`: what that comes to; None before it was reckoned."""

    change: Change
    window: tuple[datetime, datetime] | None
    cost: ChangeCost | None
    lines: list[CostLine]
    refunds: list[Refund]

    @property
    def differs(self) -> bool:
        """Whether whoever closed it said otherwise than it cost."""
        closed = bool(self.change.outcome_code) and self.cost is not None and self.cost.final_at is not None
        return closed and self.cost is not None and self.cost.proposed != self.change.outcome_code


def sheet_of(change: Change, actor: Actor, at: datetime) -> CostSheet:
    """As it was reckoned last, of the objectives that the actor may see; the dearest first. Six queries."""
    sums = sums_of(change)
    seen = named(actor, [one.objective for one in sums])
    window = window_of(change, at)
    return CostSheet(
        change=change,
        window=(instant_of(window.first), instant_of(window.last)) if window else None,
        cost=_as_seen(ChangeCost.objects.filter(change=change).first(), sums, actor),
        lines=[CostLine(seen[one.objective], one) for one in sums if one.objective in seen],
        refunds=list(refunds_of(change).filter(objective__in=seen)),
    )


def _as_seen(cost: ChangeCost | None, sums: list[ObjectiveSum], actor: Actor) -> ChangeCost | None:
    """An incident that the actor may not see is no reason that they are told: then it is as though none named it.

    Three queries, only of what an incident named.
    """
    if cost is None or cost.why != FailedBy.INCIDENT:
        return cost
    named_by = seen_by(actor).filter(pk__in=naming(cost.change_id).values("to_id"))
    if not named_by.exists():
        cost.why = by_debit(sums)
        cost.failed = cost.why != FailedBy.NOTHING
    return cost


def refunds_of(change: Change) -> QuerySet[Refund]:
    """The newest first, with the names on them."""
    return Refund.objects.filter(change=change).select_related("objective", "asked_by", "confirmed_by")
