"""Remedies: the single changes of input that could give a more lenient answer, each with the evidence it would lead to.

Promise: a remedy only proposes; what_would_help.py decides again with it and keeps what is true. What nobody can supply
by an act or by waiting (who somebody is, what a word means) is no remedy.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from changes.gate.allowance_remedies import allowance_remedies
from changes.gate.amend import attested, refreshed, with_proof, with_reach
from changes.gate.artifacts import is_immutable
from changes.gate.budget_remedies import budget_remedies
from changes.gate.calendar_rules import closures, end_of_closures, window_of
from changes.gate.capacity_remedies import capacity_remedies
from changes.gate.evidence import Calendar, Conflict, Evidence, Finding, History, LinkedWork, Reach, TestRun, Window
from changes.gate.facts import Fact
from changes.gate.judgement import Judgement
from changes.gate.measures import count, instant_text
from changes.gate.remedy import Apply, Remedy, remedy
from changes.gate.risk import failed_tests, unanswered
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Values
from changes.gate.vocabulary import ConflictKind, Purpose, recognised
from itsm.kernel.references import number_in
from slo.engine.states import State

SOME_ARTIFACT = "sha256:" + "0" * 64


def remedies(judgement: Judgement) -> tuple[Remedy, ...]:
    """Everything that somebody could do to get a better answer, not tried yet."""
    case = judgement.case
    return (
        *allowance_remedies(judgement),
        *_proof_remedies(judgement),
        *_model_remedies(judgement),
        *_question_remedies(case),
        *_purpose_remedies(judgement),
        *_calendar_remedies(case),
        *budget_remedies(judgement),
        *capacity_remedies(case),
        *_context_remedies(case),
        *_fresh_remedies(case),
    )


def _proof_remedies(judgement: Judgement) -> Iterator[Remedy]:
    """Only what some rule really missed. What others say is about one artifact, so one is named by its digest."""
    case, spoken = judgement.case, {ask.reason.code for ask in judgement.asks}
    yes, tests = attested(True, case.at), case.evidence.proof.tests
    if spoken & {"artifact_missing", "artifact_can_change"}:
        yield remedy("artifact_named", _artifact_named)
    if "backout_missing" in spoken:
        yield remedy("backout_plan", lambda evidence: with_proof(evidence, backout=yes))
    if case.proven(case.evidence.proof.peer_review) is not True:
        yield _of_one_artifact(case, remedy("peer_review", lambda evidence: with_proof(evidence, peer_review=yes)))
    if spoken & {"needs_progressive", "needs_rollback_tested"}:
        both = remedy("progressive_tested", lambda evidence: with_proof(evidence, progressive=yes, rollback_tested=yes))
        yield _of_one_artifact(case, both)
    if failed_tests(case) and tests.attested is not True:  # whoever asks said so, and mends it
        mended = replace(refreshed(tests, case.at), value=TestRun(1, 0))
        yield remedy("tests_mended", lambda evidence: with_proof(evidence, tests=mended))
    elif failed_tests(case) or "needs_tests" in spoken:
        green = attested(TestRun(1, 0), case.at)
        yield _of_one_artifact(case, remedy("tests_pass", lambda evidence: with_proof(evidence, tests=green)))
    if spoken & {"scan_findings", "needs_scans"}:
        clean = attested(0, case.at)
        yield _of_one_artifact(case, remedy("scans_clean", lambda evidence: with_proof(evidence, scans=clean)))
    if case.history is not None and case.history.runs < case.limits.history_known_runs:
        yield _known_history(case, case.history)


def _artifact_named(evidence: Evidence) -> Evidence:
    return _with_change(evidence, artifact_digest=SOME_ARTIFACT)


def _of_one_artifact(case: UsableEvidence, said: Remedy) -> Remedy:
    """Somebody's word about the artifact; of one that can be moved to another nobody can say anything."""
    if is_immutable(case.change.artifact_digest):
        return said
    named = remedy("artifact_named", _artifact_named)
    return Remedy((*named.steps, *said.steps), lambda evidence: said.apply(named.apply(evidence)))


def _known_history(case: UsableEvidence, history: History) -> Remedy:
    runs = case.limits.history_known_runs
    known = replace(history, runs=runs, weighted_runs=max(history.weighted_runs, Decimal(runs)))
    return remedy(
        "known_history",
        lambda evidence: replace(evidence, history=replace(evidence.history, value=known)),
        {"runs": str(runs)},
    )


def _model_remedies(judgement: Judgement) -> Iterator[Remedy]:
    case = judgement.case
    why = {reason.values.get("because") for reason in judgement.derived.refusals if reason.code == "standard_refused"}
    model = case.model
    if case.change.migration is True:
        yield remedy("without_migration", lambda evidence: _with_change(evidence, migration=False))
    if model is None:
        return
    values = {"model": model.slug}
    if "outside_bounds" in why and not _NOBODYS & {*model.broken_bounds}:
        inside = replace(case.change.model, value=replace(model, broken_bounds=()))
        bounds = {**values, "bounds": ", ".join(model.broken_bounds)}
        yield remedy("inside_model_bounds", lambda evidence: _with_change(evidence, model=inside), bounds)
    if "certification_lapsed" in why:
        certified = replace(case.change.model, value=replace(model, certified_at=case.at))
        yield remedy("model_certified", lambda evidence: _with_change(evidence, model=certified), values)


# Who somebody is, and what the model is for: by no act of whoever asks does this become otherwise.
_NOBODYS = frozenset({"people", "service"})


def _question_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    asks, missing = case.policy.questionnaire, unanswered(case)
    if asks is not None and missing:
        said = asks.lightest(case.change.answers, in_production=not case.non_production)
        values = {"questions": ", ".join(missing)}
        yield remedy("questions_answered", lambda evidence: _with_change(evidence, answers=said), values)


def _with_change(evidence: Evidence, **fields: object) -> Evidence:
    return replace(evidence, change=replace(evidence.change, **fields))  # type: ignore[arg-type]


def _purpose_remedies(judgement: Judgement) -> Iterator[Remedy]:
    """Proof for a purpose that was claimed and not believed."""
    case = judgement.case
    claimed = recognised(Purpose, case.change.claimed_purpose)
    if judgement.derived.purpose_row is not None or claimed is None:
        return
    values = {"purpose": claimed.value}
    if claimed is Purpose.RELIABILITY_FIX:
        fix = attested(LinkedWork("linked", "problem", case.change.service, is_open=True), case.at)
        yield remedy("purpose_proven", lambda evidence: with_proof(evidence, fixes=fix), values)
    if claimed is Purpose.SECURITY_FIX and is_immutable(case.change.artifact_digest):
        finding = attested(Finding("linked", case.change.artifact_digest), case.at)
        yield remedy("purpose_proven", lambda evidence: with_proof(evidence, finding=finding), values)


def _calendar_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    covering = closures(case)
    if covering:
        starts, ends = window_of(case)
        end = max(end_of_closures(case, covering), case.at)
        later = _window_from(end, starts, ends)
        yield remedy("ask_after", lambda evidence: _with_change(evidence, window=later), {"at": instant_text(end)})
    yield from _conflict_remedies(case)


def _conflict_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    """Other changes get out of the way; a maintenance that has to be kept does not: one moves into it."""
    found = case.calendar.conflicts if case.calendar is not None else ()
    left = tuple(one for one in found if _is_left(one))
    others = tuple(one for one in found if one not in left)
    if others:
        values = {"changes": ", ".join(dict.fromkeys(one.reference for one in others))}
        yield remedy("conflicts_resolved", lambda evidence: _without(evidence, others), values)
    if left:
        values = {"windows": ", ".join(dict.fromkeys(one.reference for one in left))}
        yield remedy("inside_maintenance", lambda evidence: _without(evidence, left), values)


def _is_left(conflict: Conflict) -> bool:
    """A window of the calendar that the change leaves goes by its name, another change by its number."""
    return conflict.kind == ConflictKind.WINDOW and number_in(conflict.reference, "CHG") is None


def _without(evidence: Evidence, conflicts: tuple[Conflict, ...]) -> Evidence:
    calendar = evidence.calendar.value
    if calendar is None:
        return evidence
    rest = tuple(one for one in calendar.conflicts if one not in conflicts)
    return replace(evidence, calendar=replace(evidence.calendar, value=Calendar(calendar.entries, rest)))


def _window_from(end: datetime, starts: datetime, ends: datetime) -> Window:
    """A window of the same length, from the end of what holds it (a moment long where none was asked for)."""
    length = max(ends - starts, datetime.resolution)
    return Window(end, end + length)


def _context_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    """Other people's trouble: incidents and reached services."""
    concerned = case.services | {each.slug for each in (case.reach.reached if case.reach else ())}
    majors = [
        each
        for each in case.incidents or ()
        if each.service in concerned and (each.major is True or count(each.priority, 1) is not None)
    ]
    if majors:
        rest = tuple(each for each in case.incidents or () if each not in majors)
        closed = replace(case.evidence.incidents, value=rest)
        references = ", ".join(each.reference for each in majors)
        yield remedy("incident_closed", lambda evidence: replace(evidence, incidents=closed), {"incident": references})
    worried = {State.BURNING_FAST, State.EXHAUSTED, State.NO_DATA}
    reached = case.reach.reached if case.reach else ()
    slugs = sorted({each.slug for each in reached if recognised(State, each.state) in worried})
    if slugs:
        values = {"service": ", ".join(slugs)}
        yield remedy("reached_recovers", lambda evidence: with_reach(evidence, _reached_well), values)


def _reached_well(reach: Reach) -> Reach:
    return replace(reach, reached=tuple(replace(each, state=State.HEALTHY.value) for each in reach.reached))


def _fresh_remedies(case: UsableEvidence) -> Iterator[Remedy]:
    """A group that was seen too long ago, seen again with the same value."""
    for group, trouble in case.troubles.items():
        fact: Fact[object] = getattr(case.evidence, group)
        if trouble == "stale":
            again = refreshed(fact, case.at)
            values: Values = {"group": group}
            yield remedy("fresh_evidence", _replacing(group, again), values)


def _replacing(group: str, fact: Fact[object]) -> Apply:
    return lambda evidence: replace(evidence, **{group: fact})  # type: ignore[arg-type]
