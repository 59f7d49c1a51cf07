"""What a budget's new state means for changes: some may no longer go, others are looked at again."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from changes.change.models import Evaluation
from changes.change.operations.deploying.rolling_back import call_back, going_out
from changes.change.operations.evaluations import GATE, end, look_again, postponed, unused_by_policy
from slo.engine.states import State

if TYPE_CHECKING:
    from slo.models import Budget

# From these states on, an approval by policy that nobody has used is taken back.
COLLAPSED = {
    State.BURNING_FAST: gettext_lazy("%(objective)s is burning fast"),
    State.EXHAUSTED: gettext_lazy("%(objective)s is exhausted"),
    State.NO_DATA: gettext_lazy("%(objective)s has no data"),
}


def follow_state_changed(budget: "Budget", *, at: datetime) -> None:
    """In the transaction that tells of it. The caller holds the budget, so nobody is approved on it meanwhile."""
    objective = budget.objective
    if objective.gating and not budget.is_new and budget.state in COLLAPSED:
        why = COLLAPSED[State(budget.state)] % {"objective": objective.slug}
        mine = unused_by_policy().filter(
            change__service=objective.service_id, change__environment=objective.environment
        )
        for evaluation in list(mine):
            end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
        if budget.state == State.BURNING_FAST:
            call_back(objective.service_id, objective.environment, objective=objective.slug, at=at)
    look_again(at, service=objective.service_id, environment=objective.environment)


def where_some_wait(service_ids: Collection[int], at: datetime) -> set[tuple[int, str]]:
    """The (service, environment) of these services where `follow_state_changed` may find work. Three queries.

    Who holds the budgets of a place asks for certain: nobody is let go or postponed on them meanwhile.
    """
    found: set[tuple[int, str]] = set()
    for some in (unused_by_policy(), postponed()):
        places = some.filter(change__service__in=service_ids).order_by()
        found.update(places.values_list("change__service", "change__environment").distinct())
    runs = going_out(at).filter(change__service__in=service_ids).order_by()
    found.update(runs.values_list("change__service", "environment").distinct())
    return found
