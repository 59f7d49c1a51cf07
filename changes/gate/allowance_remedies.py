"""What would help where an allowance is in the way: one that is given, more of it, its changes in flight verified."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from changes.gate.allowance_evidence import Allowance
from changes.gate.allowance_rules import bound_by, whole_of, why_none
from changes.gate.budget_states import BudgetAssessment
from changes.gate.evidence import Evidence
from changes.gate.judgement import Judgement
from changes.gate.measures import plain, sound
from changes.gate.remedy import Apply, Remedy, remedy
from changes.gate.reservation import reservations
from changes.gate.usable_evidence import UsableEvidence

THOUSANDTH = Decimal("0.001")


def allowance_remedies(judgement: Judgement) -> Iterator[Remedy]:
    """For each holder by itself; none where more than the whole headroom would be needed."""
    case = judgement.case
    if not bound_by(case, judgement.row) or case.allowances is None:
        return
    for one in case.allowances.holders:
        least = _least(judgement, one)
        if not why_none(one) and least <= (sound(one.left, 0, 1) or Decimal(0)):
            continue
        if least <= 1:
            enough = replace(one, reference="given", share=least, left=least, by_interested=False)
            values = {"holder": one.holder, "more": plain(least), **_whose(case)}
            if why_none(one):
                yield remedy("allowance_given", _with(enough), values)
            else:
                yield remedy("allowance_raised", _with(enough), values)
        if one.drawn and not why_none(one):
            yield remedy("allowance_settled", _with(replace(one, drawn={})), {"holder": one.holder})


def _whose(case: UsableEvidence) -> dict[str, str]:
    """The service, and the team that may give a share of its headroom, where it has one."""
    service = case.change.service
    teams = [one.team for one in (case.reach.direct if case.reach else ()) if one.slug == service and one.team]
    return {"service": service, **({"team": teams[0]} if teams else {})}


def _least(judgement: Judgement, one: Allowance) -> Decimal:
    """The smallest share, in steps of a thousandth, that what it draws and this change fit into."""
    held = reservations(judgement.case, judgement.budget_assessments)
    measured = [each for each in judgement.budget_assessments if each.objective in held]
    least = max((_share(one, each, held[each.objective]) for each in measured), default=THOUSANDTH)
    return min(least.quantize(THOUSANDTH, rounding=ROUND_CEILING), max(least, Decimal(1)))


def _share(one: Allowance, assessment: BudgetAssessment, amount: Decimal) -> Decimal:
    """More than 1 where nothing is free, or what is drawn is no number."""
    whole, drawn = whole_of(assessment), sound(one.drawn.get(assessment.objective, Decimal(0)), 0, 1000)
    return Decimal(2) if not whole or drawn is None else (drawn + amount) / whole


def _with(given: Allowance) -> Apply:
    def apply(evidence: Evidence) -> Evidence:
        fact = evidence.allowances
        if fact is None or fact.value is None:
            return evidence
        holders = tuple(given if each.holder == given.holder else each for each in fact.value.holders)
        return replace(evidence, allowances=replace(fact, value=replace(fact.value, holders=holders)))

    return apply
