"""Outage periods for pages and the API: of one objective, and of one record that may have caused them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from slo.engine.samples import instant_of
from slo.objectives.models import Budget, Objective, Outage, OutageCause

MOST = 12


def outages_of(objective: Objective) -> QuerySet[Outage]:
    """All that are known, dearest first, each with its causes."""
    causes = OutageCause.objects.order_by("-score", "reference")
    return (
        Outage.objects.filter(objective=objective, cost__gt=0)
        .prefetch_related(Prefetch("causes", causes))
        .order_by("-cost", "started_at")
    )


def outages(actor: Actor) -> QuerySet[Outage]:
    """Every period that may be seen, with objective and causes."""
    return (
        Outage.objects.filter(objective__in=Objective.objects.visible_to(actor))
        .select_related("objective")
        .prefetch_related(Prefetch("causes", OutageCause.objects.order_by("-score", "reference")))
    )


def outages_in_window(objective: Objective, budget: Budget, most: int = MOST) -> list[Outage]:
    """The dearest ones of the budget's window."""
    return list(outages_of(objective).filter(ended_at__gt=instant_of(budget.window_first))[:most])


def outage_by_id(actor: Actor, slug: str, pk: int) -> Outage:
    """An outage period of this objective. Raises NotFound, also for one that this actor may not see."""
    found = (
        Outage.objects.filter(pk=pk, objective__slug=slug, objective__in=Objective.objects.visible_to(actor))
        .select_related("objective__service")
        .first()
    )
    if found is None:
        raise NotFound(gettext("There is no such outage period."))
    return found


@dataclass(frozen=True, slots=True)
class Cost:
    """What one record may have cost one objective: the outages, and the share of the budget they make together."""

    objective: Objective
    causes: Sequence[OutageCause]

    @property
    def share(self) -> Decimal:
        """The sum of what these outage periods cost, as a share of the budget."""
        return sum((one.outage.cost for one in self.causes), Decimal(0))

    @property
    def is_confirmed(self) -> bool:
        """Whether a person confirmed this cause for any of the periods."""
        return any(one.verdict == OutageCause.Verdict.CONFIRMED for one in self.causes)
