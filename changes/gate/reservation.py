"""What an approval by policy holds of each budget until it is verified, and whether that fits.

Promise: expected burn = probability of failure (the history engine's upper bound) x typical cost of a failed change;
the policy's fixed share until there is history; of an experiment its stake, where that is more. What does not fit
into the headroom is postponed and keeps its place; a budget of few failures takes one change at a time, one asker holds
no more than its fair share. Ratios are rounded up to six decimals.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from changes.gate.budget_states import BudgetAssessment, few_failures
from changes.gate.evidence import Budget
from changes.gate.measures import plain, sound
from changes.gate.risk import failure_probability
from changes.gate.rule_results import RuleResult
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Outcome

SIX_PLACES = Decimal("0.000001")


def reservations(case: UsableEvidence, budget_assessments: tuple[BudgetAssessment, ...]) -> Mapping[str, Decimal]:
    """Objective slug -> ratio to hold, for every measured objective of the services changed directly."""
    measured = (
        assessment for assessment in budget_assessments if assessment.decides and assessment.headroom is not None
    )
    least = _stake(case)
    return {assessment.objective: max(least, _expected_burn(case, assessment.fact.value)) for assessment in measured}


def reservation_asks(
    case: UsableEvidence, budget_assessments: tuple[BudgetAssessment, ...], held: Mapping[str, Decimal]
) -> Iterator[RuleResult]:
    """What too little headroom for the expected burn asks for; `held`: objective slug -> share of its budget."""
    for assessment in budget_assessments:
        budget, room = assessment.fact.value, assessment.headroom
        if budget is None or room is None or not assessment.decides:
            continue
        amount = held[assessment.objective]
        if amount > room:
            yield _wait(case, assessment, "reservation_does_not_fit", plain(room), plain(amount), plain(room - amount))
        else:
            yield from _fair_share(case, assessment, budget, room, amount)
        if few_failures(budget, case.limits) and budget.reservations > 0:
            yield _wait(case, assessment, "one_at_a_time", str(budget.reservations), "0", "")


def _fair_share(
    case: UsableEvidence, assessment: BudgetAssessment, budget: Budget, room: Decimal, amount: Decimal
) -> Iterator[RuleResult]:
    """Nobody holds more than the policy's share of what is free; one change at a time may always go."""
    mine = sound(budget.reserved_by_asker, 0, 1000)
    if mine == 0:
        return
    most = case.limits.fair_share * (room + max(budget.reserved or Decimal(0), Decimal(0)))
    if mine is None or mine + amount > most:
        held = "" if mine is None else plain(mine + amount)
        yield _wait(
            case, assessment, "fair_share", held, plain(most), "" if mine is None else plain(most - mine - amount)
        )


def _expected_burn(case: UsableEvidence, budget: Budget | None) -> Decimal:
    limits, history = case.limits, case.history
    probability = failure_probability(case)
    cost = sound(budget.typical_cost, 0, 1000) if budget else None
    if probability is None or cost is None or history is None or history.runs < limits.reservation_history_runs:
        return limits.reservation_ratio
    return max((probability * cost).quantize(SIX_PLACES, rounding=ROUND_CEILING), limits.reservation_floor)


def _stake(case: UsableEvidence) -> Decimal:
    """What an experiment may burn, 0 of anything else; a stake that cannot be is the whole budget."""
    if case.change.stake is None:
        return Decimal(0)
    said = sound(case.change.stake, 0, 1)
    return Decimal(1) if said is None else said


def _wait(
    case: UsableEvidence, assessment: BudgetAssessment, code: str, observed: str, limit: str, margin: str
) -> RuleResult:
    reason = Reason(
        code,
        Outcome.POSTPONED,
        {"service": assessment.service.slug, "objective": assessment.objective},
        observed,
        limit,
        margin,
        assessment.fact.source,
        assessment.fact.age_at(case.at),
    )
    later = case.at + timedelta(minutes=case.limits.retry_after_minutes)
    return RuleResult(Outcome.POSTPONED, reason, team=assessment.service.team, not_before=later)
