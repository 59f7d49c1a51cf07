"""What measuring asks of objectives: `slo.measuring.operations.dependents`, answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from slo.engine.better_minutes import BudgetsShort
from slo.engine.methods import Method
from slo.engine.prefix import Counts
from slo.engine.states import Flag, Level
from slo.measuring.models import DataSource, Indicator
from slo.measuring.operations.dependents import FedObjective
from slo.objectives.models import Budget, Objective
from slo.objectives.operations.guarding import propose_source, source_must_wait
from slo.objectives.operations.relaxing import require_budget_authority_for_source
from slo.objectives.queries.evaluate_at import evaluate_at
from slo.objectives.queries.measurers import fed_objectives

_SHORT = frozenset({Level.WATCH.value, Level.CONSTRAINED.value, Level.EXHAUSTED.value})


class Objectives:
    """The objectives that count what is measured."""

    def counting(self, indicator: Indicator, actor: Actor) -> Sequence[FedObjective]:
        """The objectives that this actor may see and that count the indicator, unsliced. Raises nothing."""
        uses = (
            Objective.objects.visible_to(actor).filter(counted_periods__series__members__indicator=indicator).distinct()
        )
        return uses.select_related("service", "budget")  # type: ignore[return-value]  # a queryset, sliced by the page

    def fed_by(self, indicator_id: int) -> Sequence[FedObjective]:
        """The gating objectives in force that count what this indicator measures."""
        return fed_objectives(indicator_id)

    def standing(self, fed: Sequence[FedObjective], at: datetime) -> BudgetsShort:
        """As the samples stand now, and as they were last evaluated: the worse of both."""
        objectives = Objective.objects.in_bulk([one.pk for one in fed])
        evaluated, kept = evaluate_at(at, list(objectives)), Budget.objects.in_bulk(list(objectives))
        stops, shares = False, list[Counts | None]()
        for pk, one in objectives.items():
            seen = [found for found in (evaluated.get(pk), kept.get(pk)) if found is not None]
            burns = any(Flag.BURNING_FAST in found.flags for found in seen)
            stops |= burns or any(found.level == Level.EXHAUSTED for found in seen)
            if burns or any(found.level in _SHORT for found in seen):
                window = evaluated.get(pk)
                events = one.method == Method.OCCURRENCES and not one.is_composite and window is not None
                shares.append(Counts(window.bad_in_window, window.total_in_window) if events and window else None)
        return BudgetsShort(stops_changes=stops, short=bool(shares), shares=tuple(shares))

    def require_budget_authority(self, source: DataSource, actor: Actor) -> None:
        """Raise NotPermitted where a budget measured from here stops changes and this actor may not relax it."""
        require_budget_authority_for_source(source, actor)

    def must_wait(self, source: DataSource, actor: Actor) -> bool:
        """Whether a second person confirms another place to measure from. NotPermitted for the interested."""
        return source_must_wait(source, actor)

    def propose_source(
        self, source: DataSource, before: Mapping[str, Any], fields: Mapping[str, Any], *, actor: Actor, at: datetime
    ) -> Confirmation:
        """Ask a second person about another place to measure from. Raises NotPermitted for the interested."""
        return propose_source(source, before, fields, actor=actor, at=at)
