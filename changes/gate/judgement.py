"""One judgement: class, purpose and risk derived, every rule asked, the strictest answer taken.

Promise: pure and total for well-typed evidence. A claim can only make the answer stricter. Where the evidence proves
more than one row (a standard change that is also a proven fix), each row is judged whole and the more lenient one
rules, the class's own row first. Nothing is approved unless a cell of the table says so and no rule asks for people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from changes.gate.allowance_rules import allowance_asks, draw_asks
from changes.gate.budget_rules import budget_asks
from changes.gate.budget_states import BudgetAssessment, budget_assessments
from changes.gate.calendar_rules import calendar_asks, closing_column
from changes.gate.capacity_rules import capacity_asks
from changes.gate.cell_rule import conditions_of, outcome_of, unmet_asks
from changes.gate.derivation import Derived, derive
from changes.gate.evidence import Evidence
from changes.gate.facts import ABSENT
from changes.gate.open_rows import open_rows
from changes.gate.proof_rules import proof_asks
from changes.gate.reach_rules import reach_asks
from changes.gate.reservation import reservation_asks, reservations
from changes.gate.risk import assess, failed_tests
from changes.gate.rule_results import RuleResult, strictest
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.trust_rules import trust_asks
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Contribution, Reason
from changes.gate.vocabulary import Column, Decider, Outcome, Risk, Row, strictness


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that the rules found, before it becomes a verdict."""

    case: UsableEvidence
    derived: Derived
    risk: Risk
    contributions: tuple[Contribution, ...]
    row: Row
    outcome: Outcome
    asks: tuple[RuleResult, ...]
    budget_assessments: tuple[BudgetAssessment, ...]
    reserved: Mapping[str, Decimal] = field(default_factory=dict)


def judge(case: UsableEvidence) -> Judgement:
    """What is said to the change's own disadvantage never helps it: the stricter of the judgements with and without.

    (The table alone would not ensure that: at `constrained` a low risk waits where a medium one may ask the board.)
    """
    told = _judge_as_told(case)
    silent = without_bad_news(case)
    if silent is None:
        return told
    untold = _judge_as_told(UsableEvidence(silent, case.policy.unasked))
    if strictness(untold.outcome) <= strictness(told.outcome):
        return told
    news = tuple(ask for ask in told.asks if ask.reason.code == "tests_failed")
    ruled = replace(untold, case=case, asks=untold.asks + news)
    return replace(ruled, derived=told.derived, risk=told.risk, contributions=told.contributions)


def without_bad_news(case: UsableEvidence) -> Evidence | None:
    """The evidence with the claims left out that can only raise risk; None when there are none.

    A question that nobody answered is bad news as well: it is judged without the policy's questionnaire.
    """
    evidence, change = case.evidence, case.change
    says_something = change.answers or case.policy.questionnaire is not None
    if change.migration is not True and not says_something and not failed_tests(case):
        return None
    silent = replace(change, migration=None, answers={})
    return replace(evidence, change=silent, proof=replace(evidence.proof, tests=ABSENT))


def _judge_as_told(case: UsableEvidence) -> Judgement:
    derived = derive(case)
    risk, contributions = assess(case, derived.change_class)
    assessment = () if case.non_production else _all_assessments(case)
    judged = [
        _judge_row(case, derived, risk, contributions, row, assessment)
        for row in open_rows(derived, risk, case.non_production)
    ]
    return min(judged, key=lambda each: strictness(each.outcome))  # the first of equals


def _all_assessments(case: UsableEvidence) -> tuple[BudgetAssessment, ...]:
    direct = sorted(case.reach.direct, key=lambda service: service.slug) if case.reach else ()
    return tuple(assessment for service in direct for assessment in budget_assessments(case, service))


def _judge_row(
    case: UsableEvidence,
    derived: Derived,
    risk: Risk,
    contributions: tuple[Contribution, ...],
    row: Row,
    assessment: tuple[BudgetAssessment, ...],
) -> Judgement:
    asks = [*_table_asks(case, row, assessment), *proof_asks(case, row, risk), *capacity_asks(case, row)]
    held: Mapping[str, Decimal] = {}
    if strictest(asks) is Outcome.APPROVED and assessment:
        held = reservations(case, assessment)
        asks += reservation_asks(case, assessment, held)
        asks += draw_asks(case, row, assessment, held)
    asks += allowance_asks(case, row)  # after what does not fit was found: people are no way around that
    outcome = strictest(asks)
    reserved = held if outcome is Outcome.APPROVED else {}
    return Judgement(case, derived, risk, contributions, row, outcome, tuple(asks), assessment, reserved)


def _table_asks(case: UsableEvidence, row: Row, assessment: tuple[BudgetAssessment, ...]) -> Iterator[RuleResult]:
    if closing_column(case) is not None:  # lockdown, freeze and blackout come before every budget
        yield from calendar_asks(case, row)
        return
    yield from _non_production(case, row) if case.non_production else _production(case, row, assessment)
    yield from calendar_asks(case, row)


def _production(case: UsableEvidence, row: Row, assessment: tuple[BudgetAssessment, ...]) -> Iterator[RuleResult]:
    for each in assessment:
        yield from budget_asks(case, row, each)
        yield from trust_asks(case, row, each)
    if row not in EXCEPTION_ROWS:  # a proven way back may be taken blindly
        yield from reach_asks(case, row)
    if not assessment:  # nobody knows which services this changes: as blind as can be
        yield _bare(case, row, Column.NO_DATA, "reach_unknown")


def _non_production(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    yield _bare(case, row, Column.NON_PRODUCTION, "other_environment")
    yield from unmet_asks(case, row, Column.NON_PRODUCTION)


def _bare(case: UsableEvidence, row: Row, column: Column, code: str) -> RuleResult:
    cell, outcome = case.policy.cell(row, column), outcome_of(case, row, column)
    values = {"environment": case.change.environment, "row": row.value}
    conditions = conditions_of(case, cell, case.change.service, "")
    decider = cell.decider or (Decider.CAB if outcome is Outcome.CAB else None)
    return RuleResult(outcome, Reason(code, outcome, values), decider, "", conditions)
