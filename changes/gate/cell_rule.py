"""One cell of the table applied: are its needs proven, which outcome follows, which conditions come with it.

Promise: the more lenient outcome of a cell holds only when every need is proven; each unproven need leaves its own ask.
"""

from collections.abc import Iterator

from changes.gate.facts import AnyFact
from changes.gate.measures import business_days_after, count, instant_text
from changes.gate.rule_results import RuleResult
from changes.gate.table import Cell
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Condition, Reason
from changes.gate.vocabulary import Column, ConditionCode, Need, Outcome, Row


def unmet(case: UsableEvidence, cell: Cell) -> tuple[Need, ...]:
    """The needs of this cell that the evidence does not meet."""
    return tuple(need for need in cell.needs if not _met(case, need))


def outcome_of(case: UsableEvidence, row: Row, column: Column) -> Outcome:
    """The outcome of a cell of the table; its `otherwise` where a need is unmet."""
    cell = case.policy.cell(row, column)
    return cell.otherwise if cell.otherwise is not None and unmet(case, cell) else cell.outcome


def unmet_asks(case: UsableEvidence, row: Row, column: Column) -> Iterator[RuleResult]:
    """One result for each unmet need of a cell that has an `otherwise`."""
    cell = case.policy.cell(row, column)
    if cell.otherwise is None:
        return
    for need in unmet(case, cell):
        fact = _fact(case, need)
        trouble = "" if fact is None else _trouble(case, fact)
        values = {"need": need.value, "because": trouble}
        source, age = (fact.source, fact.age_at(case.at)) if fact else ("history", None)
        yield RuleResult(
            cell.otherwise, Reason(f"needs_{need}", cell.otherwise, values, source=source, age_seconds=age)
        )


def conditions_of(case: UsableEvidence, cell: Cell, service: str, team: str) -> tuple[Condition, ...]:
    """The conditions of a cell, filled in for this service and team."""
    return tuple(condition(case, code, service, team) for code in cell.conditions)


def condition(case: UsableEvidence, code: ConditionCode, service: str, team: str) -> Condition:
    """One condition with its values: the team and service to tell, or the instant a review is due."""
    values = {"service": service, "team": team}
    if code is ConditionCode.REVIEW_AFTERWARDS:
        due = business_days_after(case.at, case.limits.ecab_business_days)
        return Condition(code, {"due_at": instant_text(due)})
    return Condition(code, values if code is ConditionCode.NOTIFY_OWNER else {})


def _fact(case: UsableEvidence, need: Need) -> AnyFact | None:
    proof = case.evidence.proof
    facts: dict[Need, AnyFact] = {
        Need.PEER_REVIEW: proof.peer_review,
        Need.PROGRESSIVE: proof.progressive,
        Need.ROLLBACK_TESTED: proof.rollback_tested,
        Need.TESTS: proof.tests,
        Need.SCANS: proof.scans,
    }
    return facts.get(need)


def _trouble(case: UsableEvidence, fact: AnyFact) -> str:
    """missing | stale | ... | claimed (by somebody with an interest, or not attested) | denied."""
    trouble = case.trouble(fact, "proof")
    return trouble or ("claimed" if case.proven(fact) is None else "denied")


def _met(case: UsableEvidence, need: Need) -> bool:
    proof = case.evidence.proof
    if need is Need.PEER_REVIEW:
        return case.proven(proof.peer_review) is True
    if need is Need.PROGRESSIVE:
        return case.proven(proof.progressive) is True
    if need is Need.ROLLBACK_TESTED:
        return case.proven(proof.rollback_tested) is True
    if need is Need.HISTORY_KNOWN:
        return case.history is not None and case.history.runs >= case.limits.history_known_runs
    if need is Need.TESTS:
        tests = case.proven(proof.tests)
        return tests is not None and tests.failed == 0 and (count(tests.passed) or 0) > 0
    return need is Need.SCANS and _none_found(case)


def _none_found(case: UsableEvidence) -> bool:
    findings = case.proven(case.evidence.proof.scans)
    return count(findings, 0) == 0
