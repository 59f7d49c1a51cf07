"""`decide(evidence, policy) -> Verdict`: the gate itself.

Promise: no database, no clock, no I/O, no floats; the same evidence and policy give the same verdict and hash for
ever. Nothing is caught here: an error is the caller's to report as `error`, and it is never an approval.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, localcontext
from typing import Any

from changes.gate.allowance_rules import draws
from changes.gate.authority import authority_of
from changes.gate.budget_states import BudgetAssessment
from changes.gate.canonical import sha256_of, to_json
from changes.gate.cell_rule import outcome_of
from changes.gate.evidence import Evidence
from changes.gate.judgement import Judgement, judge
from changes.gate.policy import Policy
from changes.gate.rule_results import RuleResult
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Condition, JudgedBudget, Reason, Verdict
from changes.gate.vocabulary import STATUS_OF, WITHOUT_PEOPLE, Mode, Outcome, recognised, strictness
from changes.gate.what_would_help import find_help

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)


def decide(evidence: Evidence, policy: Policy, *, what_would_help: bool = True, plain: Any = None) -> Verdict:
    """The verdict. what_would_help=False leaves out what would give a more lenient answer (for back-tests).

    `plain`: this evidence by `to_json`, where the caller keeps it as well.
    """
    with localcontext(ARITHMETIC):
        judgement = judge(UsableEvidence(evidence, policy))
        verdict = _verdict(judgement, to_json(evidence) if plain is None else plain)
        return replace(verdict, what_would_help=find_help(judgement)) if what_would_help else verdict


def answer(evidence: Evidence, policy: Policy) -> Outcome:
    """The outcome of `decide` alone, at half its cost: for deciding many past changes again."""
    with localcontext(ARITHMETIC):
        return judge(UsableEvidence(evidence, policy)).outcome


def fingerprint(evidence: Evidence, policy: Policy) -> str:
    """SHA-256 (hex) over the canonical evidence and the hash of the policy version."""
    return _hash(to_json(evidence), policy)


def _hash(plain: Any, policy: Policy) -> str:
    return sha256_of({"evidence": plain, "policy": policy.digest})


def sees_all(evidence: Evidence, policy: Policy) -> bool:
    """Whether everything that an approval without people rests on is there and fresh.

    Kept beside the verdict: the database refuses an approval by policy where it is false.
    """
    return UsableEvidence(evidence, policy).sees_all


def _verdict(judgement: Judgement, plain: Any) -> Verdict:
    case, outcome = judgement.case, judgement.outcome
    later = _not_before(judgement)
    deadline = timedelta(hours=case.limits.postponed_deadline_hours)
    expiry = timedelta(minutes=case.limits.approval_minutes)
    return Verdict(
        outcome=outcome,
        status=STATUS_OF[outcome],
        enforced=is_enforced(case),
        row=judgement.row,
        change_class=judgement.derived.change_class.value,
        purpose=judgement.derived.purpose.value,
        risk=judgement.risk,
        decided_at=case.at,
        policy_slug=case.policy.slug,
        policy_version=case.policy.version,
        policy_hash=case.policy.digest,
        evidence_hash=_hash(plain, case.policy),
        authority=authority_of(judgement),
        conditions=_conditions(judgement),
        reasons=tuple(_reasons(judgement)),
        contributions=judgement.contributions,
        budgets=tuple(_judged(case, judgement, assessment) for assessment in judgement.budget_assessments),
        reserved=judgement.reserved,
        not_before=later,
        deadline=later + deadline if later else None,
        expires_at=case.at + expiry if outcome in WITHOUT_PEOPLE else None,
        draws=draws(case, judgement.row, judgement.reserved) if outcome is Outcome.APPROVED else None,
    )


def is_enforced(case: UsableEvidence) -> bool:
    """Shadow only when the policy is in shadow, or every service changed directly is known to be."""
    if case.policy.mode is Mode.SHADOW:
        return False
    direct = case.reach.direct if case.reach else ()
    return not direct or any(recognised(Mode, service.mode) is not Mode.SHADOW for service in direct)


def _not_before(judgement: Judgement) -> datetime | None:
    """The latest of what holds it; never earlier than now."""
    if judgement.outcome is not Outcome.POSTPONED:
        return None
    at = judgement.case.at
    held = [ask.not_before for ask in judgement.asks if ask.outcome is Outcome.POSTPONED and ask.not_before]
    retry = at + timedelta(minutes=judgement.case.limits.retry_after_minutes)
    return max(at, max(held, default=retry))


def _conditions(judgement: Judgement) -> tuple[Condition, ...]:
    """Of every ask, each once; none where nothing may go."""
    if judgement.outcome in (Outcome.POSTPONED, Outcome.BLOCKED):
        return ()
    found: list[Condition] = []
    for ask in judgement.asks:
        found.extend(condition for condition in ask.conditions if condition not in found)
    return tuple(found)


def _reasons(judgement: Judgement) -> Iterator[Reason]:
    """The deciding ones first, then by strictness, then what only informs; claims refused at the end."""

    def rank(ask: RuleResult) -> int:
        return -1 if ask.outcome is None else strictness(ask.outcome)

    yield from (ask.reason for ask in sorted(judgement.asks, key=rank, reverse=True))
    yield from judgement.derived.refusals


def _judged(case: UsableEvidence, judgement: Judgement, assessment: BudgetAssessment) -> JudgedBudget:
    budget = assessment.fact.value
    is_measured = budget is not None and budget.watermark is not None
    return JudgedBudget(
        service=assessment.service.slug,
        objective=assessment.objective,
        column=assessment.column,
        outcome=outcome_of(case, judgement.row, assessment.column) if assessment.decides else None,
        remaining=budget.remaining if budget and is_measured else None,
        reserved=budget.reserved if budget else None,
        excused=budget.excused if budget else None,
        headroom=assessment.headroom,
        level=assessment.level.value if assessment.level else "",
        stored_level=(budget.stored_level or "") if budget else "",
        flags=tuple(flag.value for flag in assessment.flags),
        coverage=budget.coverage if budget and is_measured else None,
        objective_version=budget.objective_version if budget else None,
        source=assessment.fact.source,
        age_seconds=assessment.fact.age_at(case.at),
        trouble=assessment.trouble,
    )
