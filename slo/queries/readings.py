"""What the gate is told about budgets: values without a database behind them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from slo.engine.levels import level_of
from slo.engine.states import Flag, Level, State, state_of, stricter
from slo.engine.windows import WINDOWS
from slo.models import Budget, Objective
from slo.queries.held import held_by_objective
from slo.queries.recovery import recovery_times

# The newest closed minute may be this old before the source counts as silent.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """One gating objective as the gate sees it. Ratios are shares of the budget; `burn` is by window name."""

    objective_id: int
    objective: str
    objective_version: int
    service_id: int
    service: str
    environment: str
    target: Decimal
    window_days: int
    remaining: Decimal
    reserved: Decimal
    headroom: Decimal
    burn: Mapping[str, Decimal]
    coverage: Decimal
    flags: tuple[Flag, ...]
    level: Level
    level_since: datetime
    state: State
    watermark: datetime
    age_seconds: int
    allowed_failures: Decimal
    reservations_in_flight: int
    # Limit -> when headroom would pass it if nothing more failed; None: it is above, or never would.
    recovers_at: Mapping[Decimal, datetime | None] | None = None

    @property
    def burn_72h(self) -> Decimal:
        return self.burn["3d"]


def readings(
    service_ids: Collection[int], environment: str, at: datetime, *, with_recovery: bool = False
) -> list[Reading]:
    """The gating objectives of these services in this environment, by service and slug.

    Two queries, three with recovery. Reservations are as they stand now, not as of the last
    evaluation; an evaluation that stopped shows as no_data like a source that did.
    """
    objectives = list(
        Objective.objects.filter(service__in=service_ids, environment=environment, gating=True)
        .select_related("service", "budget")
        .order_by("service__slug", "slug")
    )
    held = held_by_objective([objective.pk for objective in objectives], at)
    recovery = recovery_times([o.pk for o in objectives], at) if with_recovery else {}
    return [
        _reading(objective, *held.get(objective.pk, (Decimal(0), 0)), at, recovery.get(objective.pk))
        for objective in objectives
    ]


def _reading(
    objective: Objective,
    reserved: Decimal,
    in_flight: int,
    at: datetime,
    recovers_at: Mapping[Decimal, datetime | None] | None,
) -> Reading:
    budget: Budget = objective.budget
    headroom = budget.remaining - reserved
    flags = _flags(budget, at)
    level = stricter(Level(budget.level), level_of(headroom))
    return Reading(
        objective_id=objective.pk,
        objective=objective.slug,
        objective_version=budget.terms_version,
        service_id=objective.service_id,
        service=objective.service.slug,
        environment=objective.environment,
        target=objective.target,
        window_days=budget.window_days,
        remaining=budget.remaining,
        reserved=reserved,
        headroom=headroom,
        burn=dict(zip(WINDOWS, budget.burn, strict=True)),
        coverage=budget.coverage,
        flags=flags,
        level=level,
        level_since=budget.level_since,
        state=state_of(level, flags),
        watermark=budget.watermark,
        age_seconds=budget.age_seconds(at),
        allowed_failures=budget.allowed,
        reservations_in_flight=in_flight,
        recovers_at=recovers_at,
    )


def _flags(budget: Budget, at: datetime) -> tuple[Flag, ...]:
    up = {Flag(flag) for flag in budget.flags}
    if at - budget.watermark > PATIENCE:
        up.add(Flag.NO_DATA)
    return tuple(flag for flag in Flag if flag in up)
