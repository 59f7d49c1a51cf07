"""What measurements that cannot be trusted ask: below the policy's line a person looks before a change goes.

Promise: trust that is missing, out of range or low never leads to an automatic answer; marks above the line are shown
and ask for nothing. Of a budget that asks for people anyway the marks are shown all the same.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from changes.gate.budget_states import BudgetAssessment
from changes.gate.evidence import Budget, TrustMark
from changes.gate.measures import plain, sound
from changes.gate.rule_results import RuleResult
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Outcome, Row, recognised
from slo.engine.trust import LOWERS, Mark


def trust_asks(case: UsableEvidence, row: Row, assessment: BudgetAssessment) -> Iterator[RuleResult]:
    """One for each mark; one that says so where nobody has judged, or where no mark explains the low trust."""
    budget = assessment.fact.value
    if budget is None or assessment.headroom is None or not assessment.decides or row in EXCEPTION_ROWS:
        return
    trust = effective_trust(budget)
    is_low = trust is None or trust < case.limits.trust_from
    outcome = Outcome.PEER if is_low else None
    for one in budget.trust_marks:
        yield _ask(case, assessment, outcome, trust, one)
    explained = trust is not None and budget.is_self_measured  # `proof_rules` says so
    if is_low and not budget.trust_marks and not explained:
        yield _ask(case, assessment, outcome, trust, None)


def effective_trust(budget: Budget) -> Decimal | None:
    """As judged, less what measuring oneself takes; None where it is missing or no share at all."""
    trust = sound(budget.trust, 0, 1)
    if trust is None or not budget.is_self_measured:
        return trust
    return trust * (1 - LOWERS[Mark.SELF_MEASURED])


def _ask(
    case: UsableEvidence,
    assessment: BudgetAssessment,
    outcome: Outcome | None,
    trust: Decimal | None,
    one: TrustMark | None,
) -> RuleResult:
    said = recognised(Mark, one.mark) if one else None
    code = f"trust_{said.value}" if said else "trust_unknown" if trust is None else "trust_low"
    values = {"service": assessment.service.slug, "objective": assessment.objective}
    if one is not None:
        values |= {"mark": one.mark, "indicator": one.indicator or assessment.objective}
        values |= {"since": _said(one.since, case.at)} if one.since else {}
    limit = case.limits.trust_from
    margin = "" if trust is None else plain(trust - limit)
    observed = "" if trust is None else plain(trust)
    reason = Reason(
        code, outcome, values, observed, plain(limit), margin, assessment.fact.source, assessment.fact.age_at(case.at)
    )
    return RuleResult(outcome, reason, team=assessment.service.team)


def _said(since: datetime, at: datetime) -> str:
    """The time of day, with the day where it was another one."""
    since = since.astimezone(UTC)
    return f"{since:%H:%M} UTC" if since.date() == at.date() else f"{since:%Y-%m-%d %H:%M} UTC"
