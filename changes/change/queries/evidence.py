"""Gathering evidence: a bounded number of reads, whatever the history; what cannot be read is absent, not assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from catalog.cmdb.queries.changed import living
from catalog.services.queries import reached_and_run_on, with_teams
from changes.change.models import Evaluation
from changes.change.queries import history, proof
from changes.change.queries.capacity_evidence import capacity
from changes.change.queries.change_context import ChangeContext, ChangeHistory, change_context, emergency_path
from changes.change.queries.own_facts import DAY, HERE, HOUR, MINUTE, known
from changes.change.queries.proof import principal
from changes.change.queries.reach_evidence import Beside, measured_by_the_interested, named_ways, reach, recovery
from changes.change.vocabulary import EXPERIMENT
from changes.change_models.models import ChangeModel
from changes.change_models.rules.bounds import Requested, broken
from changes.gate.evidence import Allowances, ChangeEvidence, EmergencyPath, Evidence, History, Model, Window
from changes.gate.facts import Fact
from changes.gate.vocabulary import Mode, Purpose
from slo.objectives.queries.gating_budgets import gating_budgets


def gather(evaluation: Evaluation, at: datetime, *, recovery_ratios: Sequence[Decimal] = ()) -> Evidence:
    """Everything the gate may look at, as of `at`. Three queries; one to three more where there is something to look
    up, and as many where items are named or lie between services.

    `recovery_ratios`: the headrooms for which to say when waiting alone would reach them.
    """
    change = evaluation.change
    items = living(change.items)
    reached, run_on = reached_and_run_on([change.service.pk, *items])
    services = with_teams([one.service_id for one in reached])
    here = gating_budgets([change.service.pk, *services], change.environment, at)
    around = change_context(evaluation, services, run_on, at)
    names, ways = named_ways(change.service, items, reached, services)
    beside = Beside(
        recovery=recovery(change.service, here, at, recovery_ratios),
        # What was approved has its place already: only the others' shares may still be in question.
        held={} if evaluation.status == Evaluation.Status.APPROVED else around.held,
        alone=measured_by_the_interested(evaluation, around, at),
        # An experiment breaks things: it is let go for certain, or not at all.
        mode=Mode.SHADOW if around.in_shadow and change.stake is None else Mode.ENFORCE,
    )
    return Evidence(
        at=at,
        change=_change(evaluation, around, names, items, at),
        reach=known(reach(evaluation, reached, services, here, beside, at, ways), at, HOUR),
        calendar=known(around.calendar, at, 5 * MINUTE),
        incidents=known(around.incidents, at, 5 * MINUTE),
        history=known(_history(around.past, at), at, DAY),
        emergency=_emergency(evaluation, at),
        proof=proof.gathered(evaluation, around.words, around.accounts, at),
        capacity=capacity(change, run_on, at) if around.is_watched else None,
        unsafe=around.unsafe,
        allowances=_allowances(evaluation, around.allowances, at),
    )


def _allowances(evaluation: Evaluation, found: Allowances | None, at: datetime) -> Fact[Allowances] | None:
    """What was approved has its place already: of what others drew since, nothing stands in its way."""
    if found is None:
        return None
    if evaluation.status == Evaluation.Status.APPROVED:
        found = Allowances(tuple(replace(one, drawn={}) for one in found.holders))
    return known(found, at, 5 * MINUTE)


def _change(
    evaluation: Evaluation, around: ChangeContext, names: Mapping[int, str], items: Sequence[int], at: datetime
) -> ChangeEvidence:
    change = evaluation.change
    named = {change.requested_by_id, change.author_id, change.implementer_id}
    named_by_them = evaluation.exception.get("incident") or ""
    return ChangeEvidence(
        claimed_class=evaluation.claims["change_class"],
        claimed_purpose=_purpose(evaluation.claims["purpose"]),
        service=change.service.slug,
        environment=change.environment,
        content_hash=change.content_hash,
        requester=principal(change.requested_by_id),
        author=principal(change.author_id or change.requested_by_id),
        implementer=principal(change.implementer_id),
        delegators=tuple(principal(account) for account in around.accounts if account not in named),
        artifact_digest=change.artifact_digest,
        window=Window(*change.window) if change.window else None,
        migration=evaluation.claims.get("migration"),
        answers=evaluation.claims.get("answers") or {},
        answered=evaluation.claims.get("answered"),
        named_incident=around.confidential.get(named_by_them, named_by_them),
        model=_model(evaluation, around.past, at),
        is_production=around.is_production,
        items=tuple(names[one] for one in items) or None,
        stake=change.stake,
    )


def _purpose(claimed: str) -> str:
    """An experiment is judged as a feature: its stake is what sets it apart."""
    return Purpose.FEATURE.value if claimed == EXPERIMENT else claimed


def _model(evaluation: Evaluation, past: ChangeHistory | None, at: datetime) -> Fact[Model]:
    model = evaluation.change.model
    if model is None:
        return Fact.absent(HERE)
    runs, failures = history.recent_runs(past.recent if past else [])
    return known(
        Model(
            slug=model.slug,
            version=model.number,
            approved=model.status == ChangeModel.Status.APPROVED,
            approved_by=principal(model.approved_by_id),
            risk=model.risk,
            broken_bounds=broken(model, _requested(evaluation, at)),
            allows_migration=model.allows_migration,
            certified_at=model.certified_at,
            suspended=model.status == ChangeModel.Status.SUSPENDED,
            recent_runs=runs,
            recent_failures=failures,
        ),
        at,
        HOUR,
    )


def _requested(evaluation: Evaluation, at: datetime) -> Requested:
    change = evaluation.change
    starts_at, ends_at = change.window or (at, at)
    return Requested(
        [change.service.pk], change.environment, evaluation.pipeline, change.requested_by_id, starts_at, ends_at
    )


def _history(past: ChangeHistory | None, at: datetime) -> History:
    if past is None:
        return History(0, history.PLACES * 0, history.PLACES * 0)
    return History(
        runs=past.runs,
        weighted_runs=history.decayed(past.weighted_runs, past.as_of, at),
        weighted_failures=history.decayed(past.weighted_failures, past.as_of, at),
    )


def _emergency(evaluation: Evaluation, at: datetime) -> Fact[EmergencyPath]:
    """Only an emergency asks for it; for others it is absent and nobody looks."""
    if evaluation.claims["change_class"] != "emergency":
        return Fact.absent(HERE)
    return known(emergency_path(evaluation.change.service.team_id, at), at, DAY)
