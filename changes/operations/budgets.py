"""What a budget's new state means for changes: some may no longer go, others are looked at again."""

from datetime import datetime

from changes.models import Evaluation
from changes.operations.authorising import GATE, end, look_again, unused_by_policy
from slo.engine.states import State
from slo.models import Budget

# From these states on, an approval by policy that nobody has used is taken back.
COLLAPSED = frozenset({State.BURNING_FAST, State.EXHAUSTED, State.NO_DATA})


def follow_restated(budget: Budget, *, at: datetime) -> None:
    """In the transaction that tells of it. The caller holds the budget, so nobody is approved on it meanwhile."""
    objective = budget.objective
    if objective.gating and not budget.is_new and budget.state in COLLAPSED:
        why = f"{objective.slug} is {budget.state.replace('_', ' ')}"
        mine = unused_by_policy().filter(
            change__service=objective.service_id, change__environment=objective.environment
        )
        for evaluation in list(mine):
            end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
    look_again(at, service=objective.service_id, environment=objective.environment)
