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


def budget_asks(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> Iterator[RuleResult]:
    """The ask of the cell, and one for each proof that it misses; first comes what would help most."""
    if not standing.decides:
        yield RuleResult(None, budget_reason(case, row, standing))
        return
    missed = tuple(unmet_asks(case, row, standing.column))
    own = (_cell_ask(case, row, standing),)
    yield from own + missed if next_lenient_level(case, row, standing) else missed + own


def _cell_ask(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> RuleResult:
    service, cell = standing.service, case.policy.cell(row, standing.column)
    outcome = outcome_of(case, row, standing.column)
    conditions = conditions_of(case, cell, service.slug, service.team)
    later = not_before(case, row, standing) if outcome is Outcome.POSTPONED else None
    decider = cell.decider or (Decider.CAB if outcome is Outcome.CAB else None)
    reason = budget_reason(case, row, standing)
    return RuleResult(outcome, reason, decider, service.team, conditions + _alone(case, standing), later)


def _alone(case: UsableEvidence, standing: BudgetAssessment) -> tuple[Condition, ...]:
    """A budget of a few failures cannot tell two changes apart, whoever authorises them."""
    budget = standing.fact.value
    if standing.headroom is None or budget is None or not few_failures(budget, case.limits):
        return ()
    return (condition(case, ConditionCode.ONE_AT_A_TIME, standing.service.slug, standing.service.team),)


def budget_reason(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> Reason:
    """The reason that one budget gives, with what was observed and the limit it met."""
    outcome = outcome_of(case, row, standing.column) if standing.decides else None
    service = standing.service
    observed, limit = _measured(case, row, standing)
    values = {"service": service.slug, "objective": standing.objective, "row": row.value, "tier": str(service.tier)}
    values |= {"incident": standing.major} if standing.major else {}
    values |= {"because": standing.trouble} if standing.trouble else {}
    values |= _burn(standing.fact.value)
    values |= _newness(standing)
    return Reason(
        "major_incident" if standing.major else f"budget_{standing.column}",
        outcome,
        values,
        observed="" if observed is None else plain(observed),
        limit="" if limit is None else plain(limit),
        margin="" if limit is None or observed is None else plain(observed - limit),
        source=standing.fact.source or service.objectives.source,
        age_seconds=reading_age(case, standing),
    )


def _measured(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> tuple[Decimal | None, Decimal | None]:
    """(observed, limit) of what the column stands on: headroom, or of a new objective its minutes so far."""
    budget = standing.fact.value
    if standing.column is Column.NOT_YET_MEASURED and budget is not None and budget.gates_from is None:
        return Decimal(min(budget.measured_minutes, FIRST_MINUTES)), Decimal(FIRST_MINUTES)
    return standing.headroom, lenient_limit(case, row, standing)


def _newness(standing: BudgetAssessment) -> dict[str, str]:
    """What a new objective waits for: its first hour of measurements, or an instant."""
    budget = standing.fact.value
    if standing.column is not Column.NOT_YET_MEASURED or budget is None:
        return {}
    stated = {"gates_from": instant_text(budget.gates_from)} if budget.gates_from else {}
    return {"measured": str(min(budget.measured_minutes, FIRST_MINUTES)), "needed": str(FIRST_MINUTES)} | stated


def _burn(budget: Budget | None) -> dict[str, str]:
    """How fast it burns over the windows that page: what "burning fast" means in numbers."""
    seen = {window: sound(budget.burns.get(window), 0, 1_000_000_000) for window in ("1h", "6h")} if budget else {}
    return {f"burn_{window}": plain(burn.quantize(TENTH)) for window, burn in seen.items() if burn is not None}


def reading_age(case: UsableEvidence, standing: BudgetAssessment) -> int | None:
    """Seconds since the newest closed minute, or the age of the fact where that is all there is."""
    budget = standing.fact.value
    if budget is not None and budget.watermark is not None:
        return (case.at - budget.watermark) // timedelta(seconds=1)
    return standing.fact.age_at(case.at)


def next_lenient_level(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> Level | None:
    """The nearest level whose cell gives this row a more lenient outcome; None when only other things can."""
    if standing.headroom is None or standing.level is None or standing.column not in LEVEL_COLUMNS:
        return None
    now = strictness(outcome_of(case, row, standing.column))
    higher = CLIMB if standing.level is Level.EXHAUSTED else CLIMB[CLIMB.index(standing.level) + 1 :]
    return next((level for level in higher if strictness(outcome_of(case, row, Column(level.value))) < now), None)


def lenient_limit(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> Decimal | None:
    """The headroom above which the outcome would be more lenient; where nothing is, the limit the level stands on."""
    if standing.headroom is None or standing.level is None or standing.column not in LEVEL_COLUMNS:
        return None
    level = next_lenient_level(case, row, standing)
    return level_limit(level or standing.level, case.limits)


def not_before(case: UsableEvidence, row: Row, standing: BudgetAssessment) -> datetime:
    """When it is worth asking again: the expected recovery, else the policy's retry."""
    if standing.column is Column.BURNING_FAST:
        return case.at + timedelta(minutes=case.limits.burning_retry_minutes)
    retry = case.at + timedelta(minutes=case.limits.retry_after_minutes)
    level, budget = next_lenient_level(case, row, standing), standing.fact.value
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
