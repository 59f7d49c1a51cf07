"""The burn alert rows of one objective with the reason why each fires or does not."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from slo.engine.burn import rounded_down
from slo.engine.methods import MIN_BAD, Method
from slo.engine.windows import ALERT_ROWS, PPB, AlertRow
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.alert_rows import BurnRow, burn_table
from slo.objectives.queries.members import MemberTerms, effective_budget_ppb
from slo.objectives.queries.objective_page.arithmetic import Arithmetic
from slo.objectives.queries.objective_page.sums import ShownSum, exact, shown_sum


class AlertRowStatus(StrEnum):
    """What a row does now; pages have the word."""

    FIRES = "fires"
    UNREACHABLE = "unreachable"  # not even a total outage burns that fast
    NOT_CHOSEN = "not_chosen"
    HELD_BACK = "held_back"  # both burns pass the limit, but so few events say so that one failure would do it
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """A row with its sums. `allowance` are the failures its long window allows at the limit, `min_bad` how many must
    have failed where that is less than one; `most_burn` is what a total outage burns at."""

    row: BurnRow
    spent_percent: int
    long: ShownSum
    short: ShownSum
    standing: AlertRowStatus
    most_burn: Decimal
    allowance: str
    min_bad: int
    failed: str
    is_thin: bool  # one failure alone would pass the limit, so the row asks for several


def explained_rows(
    budget: Budget, objective: Objective, members: list[MemberTerms], sums: Arithmetic
) -> list[ExplainedRow]:
    """One per alert row, pages first. No query."""
    most_burn = Fraction(PPB, effective_budget_ppb(objective, members))
    return [
        _explained(row, rule, budget, members, sums, most_burn)
        for row, rule in zip(burn_table(budget), ALERT_ROWS, strict=True)
    ]


def _explained(
    row: BurnRow, rule: AlertRow, budget: Budget, members: list[MemberTerms], sums: Arithmetic, most_burn: Fraction
) -> ExplainedRow:
    long, unit = sums.stretches[row.long], sums.unit
    limit = rule.factor(budget.window_days)
    components = long.components
    allowance = max((long.allowed(component) for component in components), default=Fraction(0)) * limit / (unit * PPB)
    failed = Fraction(max((sum(part.bad for part in long.of(component)) for component in components), default=0), unit)
    least = MIN_BAD[Method(sums.objective.method)]
    return ExplainedRow(
        row=row,
        spent_percent=rule.spent_percent,
        long=shown_sum(sums, long, members),
        short=shown_sum(sums, sums.stretches[row.short], members),
        standing=_standing(row, is_enough=allowance >= 1 or failed >= least),
        most_burn=rounded_down(most_burn),
        allowance=exact(allowance, 3),
        min_bad=least,
        failed=exact(failed),
        is_thin=allowance < 1,
    )


def _standing(row: BurnRow, *, is_enough: bool) -> AlertRowStatus:
    if row.fires:
        return AlertRowStatus.FIRES
    if not row.reachable:
        return AlertRowStatus.UNREACHABLE
    if not row.chosen:
        return AlertRowStatus.NOT_CHOSEN
    over = min(row.burn_long, row.burn_short) > row.limit
    return AlertRowStatus.HELD_BACK if over and not is_enough else AlertRowStatus.QUIET
