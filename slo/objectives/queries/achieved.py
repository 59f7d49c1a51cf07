"""What objectives measured, for agreements that promise a share: told downwards, the catalog knows no objectives."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from catalog.agreements.queries.achieved import Achieved
from catalog.environments.queries import production_names
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.standing import in_force


def achieved_of(services: Collection[int], at: datetime) -> dict[int, list[Achieved]]:
    """The good share in the window of each deciding objective in production, by service and slug. One query."""
    found: dict[int, list[Achieved]] = {}
    deciding = in_force().filter(service__in=services, gating=True, environment__in=production_names())
    for objective in deciding.order_by("slug"):
        budget = getattr(objective, "budget", None)
        found.setdefault(objective.service_id, []).append(_of(objective, budget, at))
    return found


def _of(objective: Objective, budget: Budget | None, at: datetime) -> Achieved:
    measured = budget is not None and budget.measured_minutes > 0 and budget.total_in_window > 0
    share = 1 - Decimal(budget.bad_in_window) / budget.total_in_window if budget is not None and measured else None
    return Achieved(
        objective.name, objective.get_absolute_url(), share, objective.window_days,
        budget.measured_to if budget is not None else None,
        budget is not None and measured and not budget.is_silent(at),
    )  # fmt: skip
