"""What services that are only reached ask, and what a reach that cannot be trusted asks.

Promise: a reached service holds the change while it burns fast or is in a major incident (never more strictly than if
it were changed itself, never worse than postponed); exhausted, it adds its owner's notice and a peer; unseen, people
decide.
"""

from collections.abc import Iterator
from datetime import timedelta

from changes.gate.budget_states import open_major
from changes.gate.cell_rule import condition, conditions_of, outcome_of
from changes.gate.evidence import ReachedService
from changes.gate.rule_results import RuleResult
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Column, ConditionCode, Outcome, Row, recognised, strictness
from slo.engine.states import State


def reach_asks(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    """What an incomplete or inconsistent reach asks for; an unknown one is the blind rule's."""
    reach = case.reach
    if reach is None or not reach.direct:
        return  # the blind rule speaks for it
    if reach.truncated is not False:
        yield RuleResult(Outcome.PEER, _reason(case, "reach_truncated", Outcome.PEER, {}))
    if case.change.service not in {service.slug for service in reach.direct}:
        values = {"service": case.change.service}
        yield RuleResult(Outcome.PEER, _reason(case, "service_not_in_reach", Outcome.PEER, values))
    for service in sorted(reach.reached, key=lambda each: each.slug):
        yield from _reached(case, row, service)


def _reached(case: UsableEvidence, row: Row, service: ReachedService) -> Iterator[RuleResult]:
    state = recognised(State, service.state)
    major = open_major(case, service.slug)
    if major or state is State.BURNING_FAST:
        yield _hold(case, row, service, major)
    elif state is State.EXHAUSTED:
        told = (condition(case, ConditionCode.NOTIFY_OWNER, service.slug, service.team),)
        values = {"service": service.slug, "team": service.team}
        reason = _reason(case, "reached_exhausted", Outcome.PEER, values)
        yield RuleResult(Outcome.PEER, reason, team=service.team, conditions=told)
    elif state is None or state is State.NO_DATA:
        values = {"service": service.slug, "state": service.state}
        yield RuleResult(Outcome.PEER, _reason(case, "reached_unseen", Outcome.PEER, values))


def _hold(case: UsableEvidence, row: Row, service: ReachedService, major: str) -> RuleResult:
    cell = case.policy.cell(row, Column.BURNING_FAST)
    outcome = min(outcome_of(case, row, Column.BURNING_FAST), Outcome.POSTPONED, key=strictness)
    values = {"service": service.slug, "incident": major}
    reason = _reason(case, "reached_major_incident" if major else "reached_burning_fast", outcome, values)
    later = case.at + timedelta(minutes=case.limits.burning_retry_minutes)
    conditions = conditions_of(case, cell, service.slug, service.team)
    return RuleResult(
        outcome,
        reason,
        cell.decider,
        service.team,
        conditions,
        later if outcome is Outcome.POSTPONED else None,
    )


def _reason(case: UsableEvidence, code: str, outcome: Outcome, values: dict[str, str]) -> Reason:
    fact = case.evidence.reach
    return Reason(code, outcome, values, source=fact.source, age_seconds=fact.age_at(case.at))
