"""Outage periods for pages and the API: of one objective, and what one incident or change may have cost.

What was ruled out as a cause stays in the rows, so that it can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BigIntegerField, Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext

from incidents.incident.queries import hidden_from
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from slo.engine.attribution import Reason
from slo.engine.methods import Method
from slo.engine.samples import instant_of
from slo.objectives.models import Budget, Objective, Outage, OutageCause
from slo.objectives.queries import wording
from slo.objectives.queries.candidate_causes import SENTENCES

MOST = 12


def causes_for(actor: Actor) -> QuerySet[OutageCause]:
    """Causes, the likeliest first, without incidents that the actor may not see: the rows keep their titles."""
    causes = OutageCause.objects.order_by("-score", "reference")
    if actor.is_system or not rights_in_queues(actor).hidden:
        return causes
    number = Cast(Substr(OuterRef("reference"), len("INC-") + 1), BigIntegerField())
    return causes.exclude(Exists(hidden_from(actor).filter(pk=number)), reference__startswith="INC-")


def outages_of(objective: Objective, actor: Actor) -> QuerySet[Outage]:
    """All that are known, dearest first, each with the causes that the actor may see."""
    return (
        Outage.objects.filter(objective=objective, cost__gt=0)
        .prefetch_related(Prefetch("causes", causes_for(actor)))
        .order_by("-cost", "started_at")
    )


def outages(actor: Actor) -> QuerySet[Outage]:
    """Every period that may be seen, with objective and causes."""
    return (
        Outage.objects.filter(objective__in=Objective.objects.visible_to(actor))
        .select_related("objective")
        .prefetch_related(Prefetch("causes", causes_for(actor)))
    )


def outages_in_window(objective: Objective, budget: Budget, actor: Actor, most: int = MOST) -> list[Outage]:
    """The dearest ones of the budget's window."""
    return list(outages_of(objective, actor).filter(ended_at__gt=instant_of(budget.window_first))[:most])


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


@dataclass(frozen=True, slots=True)
class OutageRow:
    """An outage as pages show it: when it was in one sentence, and what failed in its method's words."""

    outage: Outage
    objective: Objective

    @property
    def when(self) -> str:
        """From when to when, for people."""
        return wording.stretch(self.outage.started_at, self.outage.ended_at)

    @property
    def likely(self) -> list[OutageCause]:
        """What is worth looking at: changes first, then major incidents and whatever people have spoken about."""
        causes = [one for one in self.outage.causes.all() if not _is_ordinary(one)]
        return sorted(causes, key=lambda one: (_is_ticket(one), -one.score))

    @property
    def ordinary(self) -> list[OutageCause]:
        """Tickets that lie near it, as signs do: pages fold them into one counted line."""
        return [one for one in self.outage.causes.all() if _is_ordinary(one)]

    @property
    def lost(self) -> str:
        """ "1 435 failed events in 5 burning minutes"."""
        method, failed = self.objective.method, self.outage.failed
        if method == Method.OCCURRENCES:
            text = gettext("%(failed)s failed events in %(minutes)s burning minutes")
        elif method == Method.TIMESLICES:
            text = gettext("%(failed)s bad slices, %(minutes)s minutes")
        else:
            text = gettext("%(failed)s slices lost in %(minutes)s burning minutes")
        shown = f"{failed.normalize():,f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        return text % {"failed": shown, "minutes": self.outage.minutes}


def _is_ticket(cause: OutageCause) -> bool:
    return number_in(cause.reference, "INC") is not None


def _is_ordinary(cause: OutageCause) -> bool:
    is_major = str(SENTENCES[Reason.MAJOR]) in cause.why
    return _is_ticket(cause) and cause.verdict == OutageCause.Verdict.SUSPECTED and not is_major


@dataclass(frozen=True, slots=True)
class RecordCost:
    """One objective: `cost` without what was ruled out, `lines` with it, in the order of time."""

    cost: Cost
    lines: list[tuple[OutageRow, OutageCause]]


def record_costs(actor: Actor, reference: str) -> list[RecordCost]:
    """By objective, dearest first. One query."""
    found = (
        causes_for(actor)
        .filter(reference=reference, outage__objective__in=Objective.objects.visible_to(actor))
        .select_related("outage__objective__service")
        .order_by("outage__started_at", "pk")
    )
    by_objective: dict[int, list[OutageCause]] = {}
    for cause in found:
        by_objective.setdefault(cause.outage.objective_id, []).append(cause)
    costs = [_record_cost(causes) for causes in by_objective.values()]
    return sorted(costs, key=lambda one: one.cost.share, reverse=True)


def _record_cost(causes: list[OutageCause]) -> RecordCost:
    held = [one for one in causes if one.verdict != OutageCause.Verdict.RULED_OUT]
    objective = causes[0].outage.objective
    return RecordCost(Cost(objective, held), [(OutageRow(one.outage, objective), one) for one in causes])
