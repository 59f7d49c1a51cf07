"""What the budgets ask: every directly changed service faces the whole table, once for each gating objective.

Promise: one ask per objective, with the numbers behind it; whatever cannot be seen asks for people.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from changes.gate.budget_states import BudgetAssessment, few_failures, level_limit
from changes.gate.cell_rule import condition, conditions_of, outcome_of, unmet_asks
from changes.gate.evidence import Budget
from changes.gate.measures import instant_text, plain, sound
from changes.gate.rule_results import RuleResult
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Condition, Reason
from changes.gate.vocabulary import Column, ConditionCode, Decider, Outcome, Row, strictness
from slo.engine.states import FIRST_MINUTES, Level

# The columns that are levels, from the strictest to the most lenient: the way up as a budget recovers.
CLIMB = (Level.CONSTRAINED, Level.WATCH, Level.HEALTHY)
TENTH = Decimal("0.1")
FARTHEST = timedelta(days=366)  # no window is longer; a later recovery is a guess
LEVEL_COLUMNS = frozenset({Column.HEALTHY, Column.WATCH, Column.CONSTRAINED, Column.EXHAUSTED})


def budget_asks(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> Iterator[RuleResult]:
    """The ask of the cell, and one for each proof that it misses; first comes what would help most."""
    if not assessment.decides:
        yield RuleResult(None, budget_reason(case, row, assessment))
        return
    missed = tuple(unmet_asks(case, row, assessment.column))
    own = (_cell_ask(case, row, assessment),)
    yield from own + missed if next_lenient_level(case, row, assessment) else missed + own


def _cell_ask(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> RuleResult:
    service, cell = assessment.service, case.policy.cell(row, assessment.column)
    outcome = outcome_of(case, row, assessment.column)
    conditions = conditions_of(case, cell, service.slug, service.team)
    later = not_before(case, row, assessment) if outcome is Outcome.POSTPONED else None
    decider = cell.decider or (Decider.CAB if outcome is Outcome.CAB else None)
    reason = budget_reason(case, row, assessment)
    return RuleResult(outcome, reason, decider, service.team, conditions + _alone(case, assessment), later)


def _alone(case: UsableEvidence, assessment: BudgetAssessment) -> tuple[Condition, ...]:
    """A budget of a few failures cannot tell two changes apart, whoever authorises them."""
    budget = assessment.fact.value
    if assessment.headroom is None or budget is None or not few_failures(budget, case.limits):
        return ()
    return (condition(case, ConditionCode.ONE_AT_A_TIME, assessment.service.slug, assessment.service.team),)


def budget_reason(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> Reason:
    """The reason that one budget gives, with what was observed and the limit it met."""
    outcome = outcome_of(case, row, assessment.column) if assessment.decides else None
    service = assessment.service
    observed, limit = _measured(case, row, assessment)
    values = {"service": service.slug, "objective": assessment.objective, "row": row.value, "tier": str(service.tier)}
    values |= {"incident": assessment.major} if assessment.major else {}
    values |= {"because": assessment.trouble} if assessment.trouble else {}
    values |= _burn(assessment.fact.value)
    values |= _newness(assessment)
    return Reason(
        "major_incident" if assessment.major else f"budget_{assessment.column}",
        outcome,
        values,
        observed="" if observed is None else plain(observed),
        limit="" if limit is None else plain(limit),
        margin="" if limit is None or observed is None else plain(observed - limit),
        source=assessment.fact.source or service.objectives.source,
        age_seconds=reading_age(case, assessment),
    )


def _measured(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> tuple[Decimal | None, Decimal | None]:
    """(observed, limit) of what the column stands on: headroom, or of a new objective its minutes so far."""
    budget = assessment.fact.value
    if assessment.column is Column.NOT_YET_MEASURED and budget is not None and budget.gates_from is None:
        return Decimal(min(budget.measured_minutes, FIRST_MINUTES)), Decimal(FIRST_MINUTES)
    return assessment.headroom, lenient_limit(case, row, assessment)


def _newness(assessment: BudgetAssessment) -> dict[str, str]:
    """What a new objective waits for: its first hour of measurements, or an instant."""
    budget = assessment.fact.value
    if assessment.column is not Column.NOT_YET_MEASURED or budget is None:
        return {}
    stated = {"gates_from": instant_text(budget.gates_from)} if budget.gates_from else {}
    return {"measured": str(min(budget.measured_minutes, FIRST_MINUTES)), "needed": str(FIRST_MINUTES)} | stated


def _burn(budget: Budget | None) -> dict[str, str]:
    """How fast it burns over the windows that page: what "burning fast" means in numbers."""
    seen = {window: sound(budget.burns.get(window), 0, 1_000_000_000) for window in ("1h", "6h")} if budget else {}
    return {f"burn_{window}": plain(burn.quantize(TENTH)) for window, burn in seen.items() if burn is not None}


def reading_age(case: UsableEvidence, assessment: BudgetAssessment) -> int | None:
    """Seconds since the newest closed minute, or the age of the fact where that is all there is."""
    budget = assessment.fact.value
    if budget is not None and budget.watermark is not None:
        return (case.at - budget.watermark) // timedelta(seconds=1)
    return assessment.fact.age_at(case.at)


def next_lenient_level(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> Level | None:
    """The nearest level whose cell gives this row a more lenient outcome; None when only other things can."""
    if assessment.headroom is None or assessment.level is None or assessment.column not in LEVEL_COLUMNS:
        return None
    now = strictness(outcome_of(case, row, assessment.column))
    higher = CLIMB if assessment.level is Level.EXHAUSTED else CLIMB[CLIMB.index(assessment.level) + 1 :]
    return next((level for level in higher if strictness(outcome_of(case, row, Column(level.value))) < now), None)


def lenient_limit(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> Decimal | None:
    """The headroom above which the outcome would be more lenient; where nothing is, the limit the level stands on."""
    if assessment.headroom is None or assessment.level is None or assessment.column not in LEVEL_COLUMNS:
        return None
    level = next_lenient_level(case, row, assessment)
    return level_limit(level or assessment.level, case.limits)


def not_before(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> datetime:
    """When it is worth asking again: the expected recovery, else the policy's retry."""
    if assessment.column is Column.BURNING_FAST:
        return case.at + timedelta(minutes=case.limits.burning_retry_minutes)
    retry = case.at + timedelta(minutes=case.limits.retry_after_minutes)
    level, budget = next_lenient_level(case, row, assessment), assessment.fact.value
    if level is None or budget is None:
        return retry
    limit = level_limit(level, case.limits)
    if limit is None:
        return retry
    expected = _recovery(budget, limit + case.limits.hysteresis_margin)
    if expected is None or not case.at < expected < case.at + FARTHEST:
        return retry
    return expected + timedelta(seconds=case.limits.hysteresis_seconds)


def _recovery(budget: Budget, ratio: Decimal) -> datetime | None:
    """Evidence keys its instants by the ratios of Policy.recovery_ratios(), as strings."""
    return budget.recovers_at.get(str(ratio)) or budget.recovers_at.get(plain(ratio))
