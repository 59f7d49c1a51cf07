"""What people must look at whatever the budgets say: everything that an approval by policy would have to prove.

Promise: each of these rules asks for a person, never for less; so an approval is possible only when none of them
speaks. A proven exception (rollback, flag off) is blind mitigation and waives them, except who asks, whose policy
it is, and that the desk itself is as it must be: what proves an exception is believed by the same tables.
"""

from collections.abc import Iterator

from changes.gate.artifacts import is_immutable
from changes.gate.budget_states import budget_assessments
from changes.gate.measures import count, instant_text, plain, sound
from changes.gate.risk import failed_tests, unanswered
from changes.gate.rule_results import RuleResult
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import ChangeClass, Decider, Outcome, Purpose, Risk, Row, recognised

NEEDS_NO_BACKOUT = frozenset({Row.STANDARD, Row.EMERGENCY})  # the model has one; the emergency authority decides


def proof_asks(case: UsableEvidence, row: Row, risk: Risk) -> Iterator[RuleResult]:
    """What missing or bad proof asks for; an exception row: its policy, its requester and a sound desk only."""
    yield from _desk_is_sound(case)
    yield from _policy_stands(case)
    yield from _somebody_asks(case)
    if row in EXCEPTION_ROWS:
        return
    yield from _artifact(case)
    yield from _words(case)
    yield from _unanswered(case, row)
    yield from _blind(case)
    yield from _tests_and_scans(case)
    yield from _self_measured(case)
    yield from _self_lifted(case)
    yield from _nobodys(case)
    if risk is Risk.HIGH:
        yield _person("risk_high", {"row": row.value})
    if not case.non_production and row not in NEEDS_NO_BACKOUT:
        yield from _backout(case)
    if row is Row.EMERGENCY:
        yield from _emergency_share(case)


def _person(code: str, values: dict[str, str], source: str = "", age: int | None = None) -> RuleResult:
    return RuleResult(Outcome.PEER, Reason(code, Outcome.PEER, values, source=source, age_seconds=age))


def _too_many(code: str, values: dict[str, str], found: int | None, source: str, age: int | None) -> RuleResult:
    """None are allowed; `found` is None where what was said is no number."""
    said = "" if found is None else str(found)
    return RuleResult(Outcome.PEER, Reason(code, Outcome.PEER, values, said, "0", said, source, age))


def _desk_is_sound(case: UsableEvidence) -> Iterator[RuleResult]:
    """Correctness before availability: an invariant that is violated, or that nobody looks at, leads to people."""
    unsafe = case.evidence.unsafe
    if unsafe is None:
        return
    if unsafe.violated:
        yield _person("invariant_violated", {"invariants": ", ".join(unsafe.violated)})
    if unsafe.unaudited_since is not None or not unsafe.violated:
        since = instant_text(unsafe.unaudited_since) if unsafe.unaudited_since else ""
        yield _person("invariants_unaudited", {"since": since})


def _policy_stands(case: UsableEvidence) -> Iterator[RuleResult]:
    policy = case.policy
    if case.at.date() > policy.review_on:
        today, review_on = case.at.date().isoformat(), policy.review_on.isoformat()
        values = {"accountable": policy.accountable, "review_on": review_on}
        yield RuleResult(Outcome.PEER, Reason("policy_lapsed", Outcome.PEER, values, observed=today, limit=review_on))


def _somebody_asks(case: UsableEvidence) -> Iterator[RuleResult]:
    """Without these there is nothing to bind an authorisation to, and nobody to keep from approving it."""
    for name in ("requester", "author", "content_hash", "service", "environment"):
        if not getattr(case.change, name):
            yield _person("identity_missing", {"missing": name})


def _artifact(case: UsableEvidence) -> Iterator[RuleResult]:
    """An automatic answer is bound to one artifact for ever; what can be moved, or is not named, binds nothing."""
    digest = case.change.artifact_digest
    if not case.non_production and not is_immutable(digest):
        yield _person("artifact_can_change" if digest else "artifact_missing", {"artifact": digest[:80]})


def _words(case: UsableEvidence) -> Iterator[RuleResult]:
    change = case.change
    if recognised(ChangeClass, change.claimed_class) is None:
        yield _person("word_unknown", {"field": "change_class", "word": change.claimed_class})
    if recognised(Purpose, change.claimed_purpose) is None:
        yield _person("word_unknown", {"field": "purpose", "word": change.claimed_purpose})


def _unanswered(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    """A question that the policy asks and nobody answered; an approved model answers for its changes."""
    missing = unanswered(case) if row is not Row.STANDARD else ()
    if missing:
        yield _person("questions_unanswered", {"questions": ", ".join(missing)}, case.evidence.change.answered or "")


def _blind(case: UsableEvidence) -> Iterator[RuleResult]:
    """Groups that cannot be used. Other environments do without incidents, which are about production."""
    for group, trouble in case.troubles.items():
        if group == "incidents" and case.non_production:
            continue
        fact = getattr(case.evidence, group)
        yield _person("evidence_unusable", {"group": group, "because": trouble}, fact.source, fact.age_at(case.at))
    if case.non_production:
        return
    for incident in case.incidents or ():
        if count(incident.priority, 100) is None and incident.major is not True:
            yield _person("incident_unranked", {"incident": incident.reference})


def _tests_and_scans(case: UsableEvidence) -> Iterator[RuleResult]:
    """Whoever says so and however long ago: bad news needs no proof."""
    tests, scans = case.evidence.proof.tests, case.evidence.proof.scans
    failed = failed_tests(case)
    if failed:
        yield _too_many("tests_failed", {"failed": str(failed)}, failed, tests.source, tests.age_at(case.at))
    if scans.value is not None and count(scans.value, 0) is None:
        words, found = {"findings": str(scans.value)}, count(scans.value)
        yield _too_many("scan_findings", words, found, scans.source, scans.age_at(case.at))


def _self_measured(case: UsableEvidence) -> Iterator[RuleResult]:
    """A budget that only those measure who want the change is no evidence by itself, unless its owner said so."""
    if case.non_production:
        return
    for service in case.reach.direct if case.reach else ():
        aside = {each.objective for each in budget_assessments(case, service) if not each.decides}
        for objective, fact in sorted(service.budgets.items()):
            budget = fact.value
            if budget is None or objective in aside:
                continue
            if budget.is_self_measured:
                values = {"objective": objective, "measurers": ", ".join(budget.self_measured_by)}
                yield _person("self_measured", values, fact.source, fact.age_at(case.at))
            elif budget.measured_by_interested:  # shown; it asks for nobody
                values = {"objective": objective, "measurers": ", ".join(budget.measured_by_interested)}
                age = fact.age_at(case.at)
                yield RuleResult(None, Reason("asker_measures", None, values, source=fact.source, age_seconds=age))


def _self_lifted(case: UsableEvidence) -> Iterator[RuleResult]:
    """A closure of the calendar that whoever wants the change lifted: somebody else agrees first."""
    fact = case.evidence.calendar
    for name in case.calendar.lifted if case.calendar else ():
        yield _person("calendar_lifted_by_asker", {"reference": name}, fact.source, fact.age_at(case.at))


def _nobodys(case: UsableEvidence) -> Iterator[RuleResult]:
    """A service that an import brought: until somebody owns it, nobody has said what it is worth or who is asked."""
    for service in case.reach.direct if case.reach else ():
        if service.needs_owner:
            yield _person("service_needs_owner", {"service": service.slug})


def _backout(case: UsableEvidence) -> Iterator[RuleResult]:
    """A plan to go back is written by the author: its presence counts, and only when freshly seen."""
    fact = case.evidence.proof.backout
    if case.usable(fact, "proof") is not True:
        yield _person("backout_missing", {}, fact.source, fact.age_at(case.at))


def _emergency_share(case: UsableEvidence) -> Iterator[RuleResult]:
    """Too many emergencies, or nobody knows how many: the emergency board speaks first."""
    path, limit = case.emergency_path, case.limits.emergency_share_up_to
    share = sound(path.share, 0, 1) if path else None
    if share is None or share > limit:
        fact = case.evidence.emergency
        reason = Reason(
            "emergency_share",
            Outcome.CAB,
            {"at": instant_text(case.at)},
            observed="" if share is None else plain(share),
            limit=plain(limit),
            margin="" if share is None else plain(share - limit),
            source=fact.source,
            age_seconds=fact.age_at(case.at),
        )
        yield RuleResult(Outcome.CAB, reason, Decider.ECAB)
