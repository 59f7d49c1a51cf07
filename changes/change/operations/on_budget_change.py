"""What a budget's new state means for changes: some may no longer go, others are looked at again."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from changes.change.models import Evaluation
from changes.change.operations.evaluations import GATE, end, look_again, unused_by_policy
from slo.engine.states import State
from slo.models import Budget

# From these states on, an approval by policy that nobody has used is taken back.
COLLAPSED = {
    State.BURNING_FAST: gettext_lazy("%(objective)s is burning fast"),
    State.EXHAUSTED: gettext_lazy("%(objective)s is exhausted"),
    State.NO_DATA: gettext_lazy("%(objective)s has no data"),
}


def follow_state_changed(budget: Budget, *, at: datetime) -> None:
    """In the transaction that tells of it. The caller holds the budget, so nobody is approved on it meanwhile."""
    objective = budget.objective
    if objective.gating and not budget.is_new and budget.state in COLLAPSED:
        why = COLLAPSED[State(budget.state)] % {"objective": objective.slug}
        mine = unused_by_policy().filter(
            change__service=objective.service_id, change__environment=objective.environment
        )
        for evaluation in list(mine):
            end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
    look_again(at, service=objective.service_id, environment=objective.environment)
