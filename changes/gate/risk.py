"""Risk: several engines answer, the highest wins, every contribution is kept.

Promise: an engine that cannot see counts as the policy's `unknown_risk` and says so; what the requester claims can
only raise. For a standard change the approved model has answered for impact and reach, which its approval knew.
"""

from collections.abc import Iterator
from decimal import Decimal

from changes.gate.evidence import Reach, ReachedService
from changes.gate.failure_bound import upper_bound
from changes.gate.limits import TIERS, RiskLimits
from changes.gate.measures import count, plain
from changes.gate.questionnaire import Questionnaire
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Contribution
from changes.gate.vocabulary import ChangeClass, ConflictKind, Engine, Risk, recognised

ORDER = tuple(Risk)


def highest(risks: Iterator[Risk]) -> Risk:
    """The highest of these risks; low for none."""
    return max(risks, key=ORDER.index, default=Risk.LOW)


def assess(case: UsableEvidence, change_class: ChangeClass) -> tuple[Risk, tuple[Contribution, ...]]:
    """The risk, and what each engine contributed to it."""
    standard = change_class is ChangeClass.STANDARD
    answered = case.policy.risk.model_answers if standard else ()
    history = _history(case)
    engines = (
        _model(case) if standard else _questionnaire(case),
        _claims(case, standard),
        history,
        _impact(case, history.risk),
        _blast_radius(case),
        _conflict(case),
    )
    kept = tuple(each if each.engine not in answered else _answered(each) for each in engines)
    return highest(each.risk for each in kept if each.counted), kept


def tier_of(tier: object) -> str:
    """Tiers outside 1-4 count as 1: what is not known may be critical."""
    known = count(tier, 4)
    return str(known) if known else TIERS[0]


def failure_probability(case: UsableEvidence) -> Decimal | None:
    """Upper bound of the probability that this change fails, six decimals; None when history cannot be seen."""
    history, limits = case.history, case.policy.risk
    if history is None:
        return None
    failures = limits.prior_failures + history.weighted_failures
    successes = limits.prior_successes + history.weighted_runs - history.weighted_failures
    return upper_bound(failures, successes, limits.bound)


def graded(score: Decimal | int, medium_from: Decimal | int, high_from: Decimal | int) -> Risk:
    """Low below `medium_from`, medium below `high_from`."""
    if score >= high_from:
        return Risk.HIGH
    return Risk.MEDIUM if score >= medium_from else Risk.LOW


def _unknown(case: UsableEvidence, engine: Engine, group: str) -> Contribution:
    why = case.troubles.get(group, "missing")
    return Contribution(engine, case.policy.risk.unknown_risk, True, False, values={"because": why})


def _answered(said: Contribution) -> Contribution:
    return Contribution(
        said.engine, said.risk, False, said.known, said.score, said.medium_from, said.high_from, said.values
    )


def _model(case: UsableEvidence) -> Contribution:
    model = case.model
    risk = recognised(Risk, model.risk) if model else None
    if model is None or risk is None:
        return _unknown(case, Engine.QUESTIONNAIRE, "model")
    return Contribution(Engine.QUESTIONNAIRE, risk, True, True, values={"model": f"{model.slug} v{model.version}"})


def _questionnaire(case: UsableEvidence) -> Contribution:
    """Answers are claims: they only raise, so no answers say nothing. An unknown answer counts as the worst."""
    if case.policy.questionnaire is not None:
        return _asked(case, case.policy.questionnaire)
    answers, limits = case.change.answers, case.policy.risk
    if not answers:
        return Contribution(Engine.QUESTIONNAIRE, Risk.LOW, False, True, values={"because": "not_asked"})
    weights = [limits.questionnaire.get(question, {}).get(answer) for question, answer in answers.items()]
    score = sum(limits.questionnaire_high_from if weight is None else max(weight, 0) for weight in weights)
    medium, high = limits.questionnaire_medium_from, limits.questionnaire_high_from
    return Contribution(
        Engine.QUESTIONNAIRE, graded(score, medium, high), True, True, str(score), str(medium), str(high)
    )


def unanswered(case: UsableEvidence) -> tuple[str, ...]:
    """The questions that the policy asks about this change and that have no answer of theirs."""
    asks, answers = case.policy.questionnaire, case.change.answers
    asked = asks.asked(answers, in_production=not case.non_production) if asks is not None else ()
    return tuple(one.name for one in asked if one.weight_of(answers.get(one.name)) is None)


def _asked(case: UsableEvidence, asks: Questionnaire) -> Contribution:
    """By the policy's own questions: one that is asked and not answered makes the risk unknown."""
    answers = case.change.answers
    asked = asks.asked(answers, in_production=not case.non_production)
    if not asked:
        return Contribution(Engine.QUESTIONNAIRE, Risk.LOW, False, True, values={"because": "not_asked"})
    if missing := unanswered(case):
        values = {"because": "unanswered", "questions": ", ".join(missing)}
        return Contribution(Engine.QUESTIONNAIRE, case.policy.risk.unknown_risk, True, False, values=values)
    known = {one.name: one.weight_of(answers.get(one.name)) or 0 for one in asked}
    score, risk = sum(known.values()), graded(sum(known.values()), asks.medium_from, asks.high_from)
    heavy = sorted((name for name, weight in known.items() if weight), key=lambda name: (-known[name], name))
    values = {"answers": ", ".join(f"{name} {answers[name]} {known[name]}" for name in heavy)}
    medium, high = str(asks.medium_from), str(asks.high_from)
    return Contribution(Engine.QUESTIONNAIRE, risk, True, True, str(score), medium, high, values)


def failed_tests(case: UsableEvidence) -> int:
    """Failed tests, whoever says so and however old; a count that makes no sense is a failure."""
    said = case.evidence.proof.tests.value
    if said is None:
        return 0
    failed = count(said.failed)
    return 1 if failed is None or count(said.passed) is None else failed


def _claims(case: UsableEvidence, standard: bool) -> Contribution:
    limits, raised = case.policy.risk, {}
    if failed_tests(case):
        raised["tests_failed"] = limits.failed_tests_risk
    if case.change.migration is True and not standard:  # a standard model that allows it has answered
        raised["migration"] = limits.migration_risk
    values = {name: risk.value for name, risk in raised.items()}
    return Contribution(Engine.CLAIMS, highest(iter(raised.values())), bool(raised), True, values=values)


def _history(case: UsableEvidence) -> Contribution:
    probability, limits = failure_probability(case), case.policy.risk
    if probability is None or case.history is None:
        return _unknown(case, Engine.HISTORY, "history")
    return Contribution(
        Engine.HISTORY,
        graded(probability, limits.medium_from, limits.high_from),
        True,
        True,
        plain(probability),
        plain(limits.medium_from),
        plain(limits.high_from),
        {"runs": str(case.history.runs), "failures": plain(case.history.weighted_failures)},
    )


def _impact(case: UsableEvidence, probability: Risk) -> Contribution:
    reach, limits = case.reach, case.policy.risk
    if reach is None or not reach.direct:
        return _unknown(case, Engine.IMPACT, "reach")
    tier = min(tier_of(service.tier) for service in reach.direct)
    impact = limits.impact_of_tier[tier]
    values = {"tier": tier, "impact": impact.value, "probability": probability.value}
    return Contribution(Engine.IMPACT, limits.matrix[impact][probability], True, True, values=values)


def _blast_radius(case: UsableEvidence) -> Contribution:
    reach, limits = case.reach, case.policy.risk
    if reach is None or not reach.direct:
        return _unknown(case, Engine.BLAST_RADIUS, "reach")
    score = sum((_weight(each, limits) for each in _distinct(reach)), start=Decimal(0))
    medium, high = limits.blast_medium_from, limits.blast_high_from
    values = {"services": str(len(reach.reached))}
    return Contribution(
        Engine.BLAST_RADIUS, graded(score, medium, high), True, True, plain(score), plain(medium), plain(high), values
    )


def _distinct(reach: Reach) -> tuple[ReachedService, ...]:
    return tuple({service.slug: service for service in reach.reached}.values())


def _weight(service: ReachedService, limits: RiskLimits) -> Decimal:
    """A service that can lose members of its redundant group suffers less; nonsense counts as no redundancy."""
    return Decimal(limits.tier_weights[tier_of(service.tier)]) / (1 + (count(service.spare, 1000) or 0))


def _conflict(case: UsableEvidence) -> Contribution:
    if case.calendar is None:
        return _unknown(case, Engine.CONFLICT, "calendar")
    limits = case.policy.risk
    kinds = [recognised(ConflictKind, each.kind) for each in case.calendar.conflicts]
    risk = highest(limits.conflict_risk[kind] if kind else Risk.HIGH for kind in kinds)
    references = ", ".join(each.reference for each in case.calendar.conflicts)
    return Contribution(Engine.CONFLICT, risk, True, True, str(len(kinds)), values={"changes": references})
