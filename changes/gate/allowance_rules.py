"""What allowances ask: people, for an agent that has none, and for whoever has drawn all of its own.

Promise: an allowance never makes an answer kinder; it is what an approval without people has to fit into besides the
headroom and the fair share. A proven way back, an emergency and other environments draw nothing and are left alone.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from changes.gate.allowance_evidence import Allowance
from changes.gate.budget_states import BudgetAssessment
from changes.gate.measures import plain, sound
from changes.gate.rule_results import RuleResult
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Outcome, Row

_LEFT_ALONE = EXCEPTION_ROWS | {Row.EMERGENCY}


def bound_by(case: UsableEvidence, row: Row) -> bool:
    """Whether allowances are looked at: somebody who has to have one wants the change, and its row draws."""
    return case.evidence.allowances is not None and not case.non_production and row not in _LEFT_ALONE


def allowance_asks(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    """Agents without one that counts, and empty ones, whatever the change would draw; and where nobody can tell."""
    if not bound_by(case, row):
        return
    if case.allowances is None:
        yield _people(case, "allowance_unknown", {"because": case.allowances_trouble or "missing"})
        return
    for one in case.allowances.holders:
        code = why_none(one) or ("" if sound(one.left, 0, 1) else "allowance_empty")  # nothing left, or no number
        if code:
            yield _people(case, code, {"holder": one.holder})


def why_none(one: Allowance) -> str:
    """The code of what keeps it from counting at all; "" where it counts, or is a team's, which needs none."""
    if one.of_agent and not one.reference:
        return "allowance_missing"
    if one.of_agent and one.by_interested is not False:
        return "allowance_self_given"
    return ""


def draw_asks(
    case: UsableEvidence, row: Row, budget_assessments: tuple[BudgetAssessment, ...], held: Mapping[str, Decimal]
) -> Iterator[RuleResult]:
    """Whether what would be reserved fits into what each holder has left; `held`: objective -> ratio to reserve."""
    if not bound_by(case, row) or case.allowances is None:
        return
    for one in case.allowances.holders:
        if not why_none(one):
            yield from _spent(case, one, budget_assessments, held)


def _spent(
    case: UsableEvidence, one: Allowance, budget_assessments: tuple[BudgetAssessment, ...], held: Mapping[str, Decimal]
) -> Iterator[RuleResult]:
    left = sound(one.left, 0, 1)
    for assessment in budget_assessments:
        if assessment.objective not in held or not left:
            continue
        drawn = sound(one.drawn.get(assessment.objective, Decimal(0)), 0, 1000)
        most = left * whole_of(assessment)
        wanted = None if drawn is None else drawn + held[assessment.objective]
        if wanted is None or wanted > most:
            yield _people(
                case, "allowance_spent", {"holder": one.holder, "objective": assessment.objective},
                "" if wanted is None else plain(wanted), plain(most), "" if wanted is None else plain(most - wanted),
            )  # fmt: skip


def whole_of(assessment: BudgetAssessment) -> Decimal:
    """The headroom of which an allowance is a share: what is free, and what changes in flight hold."""
    budget = assessment.fact.value
    reserved = sound(budget.reserved, 0, 1000) if budget is not None else None
    return max((assessment.headroom or Decimal(0)) + (reserved or Decimal(0)), Decimal(0))


def draws(case: UsableEvidence, row: Row, held: Mapping[str, Decimal]) -> Mapping[str, Decimal] | None:
    """Reference of each allowance that an approval draws on -> ratio of the dearest budget. None where none is."""
    if not bound_by(case, row) or case.allowances is None:
        return None
    most = max(held.values(), default=Decimal(0))
    return {one.reference: most for one in case.allowances.holders if one.reference}


def _people(
    case: UsableEvidence, code: str, values: Mapping[str, str], observed: str = "", limit: str = "", margin: str = ""
) -> RuleResult:
    fact = case.evidence.allowances
    source, age = (fact.source, fact.age_at(case.at)) if fact else ("", None)
    said = {"service": case.change.service, **values}
    reason = Reason(code, Outcome.PEER, said, observed, limit, margin, source, age)
    return RuleResult(Outcome.PEER, reason)
