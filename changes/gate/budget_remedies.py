"""Remedies on budgets: more headroom, an end of burning, fresh measurements, another measurer, reservations settled.

Promise: "more budget" is the least that lifts the level, hysteresis margin included where the memory asks for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from changes.gate.amend import refreshed, with_budgets
from changes.gate.budget_states import BudgetAssessment, level_limit
from changes.gate.evidence import Budget, Evidence
from changes.gate.facts import Fact
from changes.gate.judgement import Judgement
from changes.gate.measures import plain
from changes.gate.remedy import Remedy, remedy
from changes.gate.trust_rules import effective_trust
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import HelpStep
from changes.gate.vocabulary import recognised
from slo.engine.states import LEVELS, Flag, Level

SMALLEST_RATIO = Decimal("0.000001")


def budget_remedies(judgement: Judgement) -> Iterator[Remedy]:
    """What could be done about budgets: more of it, less burn, no stale figures."""
    case, budget_assessments = judgement.case, judgement.budget_assessments
    for target in (Level.CONSTRAINED, Level.WATCH, Level.HEALTHY):
        short = [each for each in budget_assessments if _short_of(case, each, target)]
        if short:
            yield _more_budget(case, short, target)
    burning = [each for each in budget_assessments if Flag.BURNING_FAST in each.flags]
    if burning:
        yield _without_flag(case, burning, Flag.BURNING_FAST, "burning_stops")
    silent = [
        each
        for each in budget_assessments
        if each.fact.value and (each.trouble == "stale" or Flag.NO_DATA in each.flags)
    ]
    if silent:
        yield _without_flag(case, silent, Flag.NO_DATA, "fresh_measurement")
    doubted = [each for each in budget_assessments if each.fact.value and _is_doubted(case, each.fact.value)]
    if doubted:
        steps = tuple(HelpStep("trustworthy", {"objective": each.objective}) for each in doubted)
        yield Remedy(steps, lambda evidence: with_budgets(evidence, _slugs(doubted), _trusted))
    alone = [each for each in budget_assessments if each.fact.value and each.fact.value.self_measured_by]
    if alone:
        steps = tuple(HelpStep("measured_by_another", {"objective": each.objective}) for each in alone)
        yield Remedy(steps, lambda evidence: with_budgets(evidence, _slugs(alone), _witnessed))
    held = [each for each in budget_assessments if each.fact.value and each.fact.value.reservations]
    if held:
        yield remedy("reservations_settled", lambda evidence: with_budgets(evidence, _slugs(held), _settled))


def _slugs(budget_assessments: list[BudgetAssessment]) -> frozenset[str]:
    return frozenset(each.objective for each in budget_assessments)


def _short_of(case: UsableEvidence, assessment: BudgetAssessment, target: Level) -> bool:
    return assessment.level is not None and LEVELS.index(assessment.level) > LEVELS.index(target)


def _least_headroom(case: UsableEvidence, assessment: BudgetAssessment, target: Level) -> Decimal:
    """Just above the limit; above limit plus margin where a stricter level is remembered."""
    budget, limit = assessment.fact.value, level_limit(target, case.limits) or Decimal(0)
    stored = recognised(Level, budget.stored_level) if budget else None
    remembered = stored is not None and LEVELS.index(stored) > LEVELS.index(target)
    return limit + SMALLEST_RATIO + (case.limits.hysteresis_margin if remembered else 0)


def _more_budget(case: UsableEvidence, short: list[BudgetAssessment], target: Level) -> Remedy:
    wanted = {each.objective: _least_headroom(case, each, target) for each in short}
    had = {each.objective: each.headroom or Decimal(0) for each in short}
    held_since = case.at - timedelta(seconds=case.limits.hysteresis_seconds)

    def apply(evidence: Evidence) -> Evidence:
        for slug, room in wanted.items():
            evidence = with_budgets(evidence, frozenset({slug}), partial(_lifted, room=room, since=held_since))
        return evidence

    more = {slug: max(room - had[slug], Decimal(0)) for slug, room in wanted.items()}
    steps = tuple(
        HelpStep("more_budget", {"objective": slug, "more": plain(amount), "level": target.value})
        for slug, amount in more.items()
    )
    return Remedy(steps, apply)


def _lifted(fact: Fact[Budget], *, room: Decimal, since: datetime) -> Fact[Budget]:
    """To that headroom at least; set rather than added, so that applying two such remedies gives the higher one."""
    budget = fact.value
    if budget is None or budget.remaining is None:
        return fact
    remaining = max(budget.remaining, room - budget.excused + (budget.reserved or 0))
    return replace(fact, value=replace(budget, remaining=remaining, better_since=since))


def _without_flag(case: UsableEvidence, budget_assessments: list[BudgetAssessment], flag: Flag, code: str) -> Remedy:
    def calmed(fact: Fact[Budget]) -> Fact[Budget]:
        budget = fact.value
        if budget is None:
            return fact
        flags = tuple(each for each in budget.flags if each != flag)
        if flag is Flag.BURNING_FAST:
            return replace(fact, value=replace(budget, flags=flags))
        return replace(refreshed(fact, case.at), value=replace(budget, flags=flags, watermark=case.at))

    steps = tuple(HelpStep(code, {"objective": each.objective}) for each in budget_assessments)
    return Remedy(steps, lambda evidence: with_budgets(evidence, _slugs(budget_assessments), calmed))


def _is_doubted(case: UsableEvidence, budget: Budget) -> bool:
    trust = effective_trust(budget)
    return trust is None or trust < case.limits.trust_from


def _trusted(fact: Fact[Budget]) -> Fact[Budget]:
    budget = fact.value
    if budget is None:
        return fact
    return replace(fact, value=replace(budget, trust=Decimal(1), trust_marks=(), self_measured_by=()))


def _witnessed(fact: Fact[Budget]) -> Fact[Budget]:
    """Whoever measures it beside them makes up for nothing else: what was measured stays as it is."""
    return fact if fact.value is None else replace(fact, value=replace(fact.value, self_measured_by=()))


def _settled(fact: Fact[Budget]) -> Fact[Budget]:
    budget = fact.value
    if budget is None:
        return fact
    none = Decimal(0)
    return replace(fact, value=replace(budget, reserved=none, reservations=0, reserved_by_asker=none))
