"""Every write of the app: one function per verb."""

from slo.operations.evaluation import evaluate
from slo.operations.indicators import create_indicator, settle_indicator
from slo.operations.objectives import create_objective, edit_objective
from slo.operations.pulling import pull
from slo.operations.reservations import lock_budgets, release, reserve
from slo.operations.retention import forget_old_hours
from slo.operations.samples import Recorded, record_samples

__all__ = [
    "Recorded",
    "create_indicator",
    "create_objective",
    "edit_objective",
    "evaluate",
    "forget_old_hours",
    "lock_budgets",
    "pull",
    "record_samples",
    "release",
    "reserve",
    "settle_indicator",
]
