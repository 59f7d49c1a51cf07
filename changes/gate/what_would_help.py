"""What would help: the smallest changes of input that really give a more lenient answer.

Promise: every help was found by judging the changed evidence again, so it is true; a help of several parts needs each
of them. Bounded: one judgement for each remedy, and at most two more rounds for a combination.
"""

from collections.abc import Sequence

from changes.gate.evidence import Evidence
from changes.gate.judgement import Judgement, judge
from changes.gate.remedies import remedies
from changes.gate.remedy import Remedy
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Help, HelpStep
from changes.gate.vocabulary import Outcome, strictness

MAX_FLIPS = 6
MAX_LEVERS = 14
NO_PEOPLE = (Outcome.APPROVED, Outcome.EXCEPTION)


def find_help(judgement: Judgement) -> tuple[Help, ...]:
    """Most lenient outcome first, then the fewest parts. Nothing is more lenient than needing nobody."""
    if judgement.outcome in NO_PEOPLE:
        return ()
    offered = remedies(judgement)[:MAX_LEVERS]
    single = [(each, _outcome_with(judgement, [each])) for each in offered]
    lenient = [(each, outcome) for each, outcome in single if _more_lenient(outcome, judgement.outcome)]
    found = [_help([each], outcome) for each, outcome in _without_repeats(lenient)]
    best = min((outcome for _, outcome in lenient), key=strictness, default=judgement.outcome)
    together = _together(judgement, offered, best) if best not in NO_PEOPLE else None
    found += [together] if together else []
    return tuple(sorted(found, key=lambda help: (strictness(help.outcome), len(help.parts)))[:MAX_FLIPS])


def applied(evidence: Evidence, chosen: Sequence[Remedy]) -> Evidence:
    """The evidence as it would be after all of these remedies, in their order."""
    for each in chosen:
        evidence = each.apply(evidence)
    return evidence


def _outcome_with(judgement: Judgement, chosen: Sequence[Remedy]) -> Outcome:
    return judge(UsableEvidence(applied(judgement.case.evidence, chosen), judgement.case.policy)).outcome


def _more_lenient(one: Outcome, other: Outcome) -> bool:
    return strictness(one) < strictness(other)


def _without_repeats(lenient: list[tuple[Remedy, Outcome]]) -> list[tuple[Remedy, Outcome]]:
    """More of the same is worth naming only when it gives a still more lenient answer (more budget, a higher level)."""
    kept: list[tuple[Remedy, Outcome]] = []
    for each, outcome in lenient:
        code = each.steps[0].code
        if not any(other.steps[0].code == code and not _more_lenient(outcome, said) for other, said in kept):
            kept.append((each, outcome))
    return kept


def _together(judgement: Judgement, offered: Sequence[Remedy], best: Outcome) -> Help | None:
    """All remedies at once; then each that is not needed is let go again."""
    chosen = list(offered)
    outcome = _outcome_with(judgement, chosen)
    if len(chosen) < 2 or not _more_lenient(outcome, best):
        return None
    for each in reversed(offered):
        fewer = [other for other in chosen if other is not each]
        if fewer and _outcome_with(judgement, fewer) is outcome:
            chosen = fewer
    return _help(chosen, outcome)


def _help(chosen: Sequence[Remedy], outcome: Outcome) -> Help:
    steps: tuple[HelpStep, ...] = tuple(step for each in chosen for step in each.steps)
    if len(steps) == 1:
        return Help(steps[0].code, outcome, steps[0].values)
    return Help("all_of", outcome, {}, steps)
