"""The burn alerts of one budget as a small table: what burns, over which windows, and the limit."""

from dataclasses import dataclass
from decimal import Decimal

from slo.engine.burn import rounded_up
from slo.engine.samples import epoch_minute
from slo.engine.windows import ALERT_ROWS, WINDOWS, Severity
from slo.objectives.models import Budget
from slo.objectives.queries.members import current_members, effective_budget_ppb
from slo.objectives.queries.wording import length


@dataclass(frozen=True, slots=True)
class BurnRow:
    """Fires when both burns exceed the limit. An unreachable row is one that even a total outage cannot fire."""

    severity: Severity
    long: str
    short: str
    burn_long: Decimal
    burn_short: Decimal
    limit: Decimal
    fires: bool
    reachable: bool
    chosen: bool = True
    # So long was measured of it, in words, where its long window reaches back to before the first measurement.
    measured: str = ""


def burn_table(budget: Budget) -> list[BurnRow]:
    """One row per alert row, pages first. No query if the objective is loaded, and is no composite."""
    burn = dict(zip(WINDOWS, budget.burn, strict=True))
    objective = budget.objective
    most_burn = effective_budget_ppb(objective, current_members(objective))
    measured = epoch_minute(budget.watermark) - budget.drawn_from if budget.measured_minutes else 0
    return [
        BurnRow(
            severity=row.severity,
            long=row.long,
            short=row.short,
            burn_long=burn[row.long],
            burn_short=burn[row.short],
            limit=rounded_up(row.factor(budget.window_days)),
            fires=row.long in budget.firing,
            reachable=row.is_reachable(most_burn, budget.window_days),
            chosen=objective.alert_rows is None or row.long in objective.alert_rows,
            measured=length(measured) if measured < WINDOWS[row.long] else "",
        )
        for row in ALERT_ROWS
    ]
