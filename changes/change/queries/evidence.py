"""Gathering evidence: a bounded number of reads, whatever the history; what cannot be read is absent, not assumed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from catalog.services.queries import REACH_DEPTH, Reached, reached_from, with_teams
from changes.change.models import Evaluation
from changes.change.queries import history, proof
from changes.change.queries.change_context import ChangeContext, ChangeHistory, change_context, emergency_path
from changes.change.queries.proof import principal
from changes.change_models.models import ChangeModel
from changes.gate.evidence import (
    Budget,
    ChangeEvidence,
    DirectService,
    EmergencyPath,
    Evidence,
    History,
    Model,
    Reach,
    ReachedService,
    TrustMark,
    Window,
)
from changes.gate.facts import Fact, seen
from incidents.incident.queries import last_settled_alert
from slo.engine.states import Level, State, worst
from slo.objectives.queries.gating_budgets import GatingBudget, gating_budgets
from slo.objectives.queries.measurers import SelfMeasured, measured_by_any_of
from slo.objectives.queries.recovery import recovery_times
from slo.objectives.queries.standing import gated_environments

if TYPE_CHECKING:
    from catalog.models import Service

HERE = "headroom"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
T = TypeVar("T")
Held = Mapping[int, Decimal]
_NOTHING = Decimal(0)
Recovery = Mapping[int, Mapping[Decimal, datetime | None]]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known of the budgets beside their figures, by objective id.

    recovery: when headroom would pass a ratio. held: the ratio reserved by the asker's person.
    alone: objectives that only people with an interest in the change measure.
    """

    recovery: Recovery
    held: Held
    alone: Mapping[int, SelfMeasured]


def gather(evaluation: Evaluation, at: datetime, *, recovery_ratios: Sequence[Decimal] = ()) -> Evidence:
    """Everything the gate may look at, as of `at`. Three queries, one or two more where there is something to look up.

    `recovery_ratios`: the headrooms for which to say when waiting alone would reach them.
    """
    change = evaluation.change
    reached = reached_from([change.service.pk])
    services = with_teams([one.service_id for one in reached])
    here = gating_budgets([change.service.pk, *services], change.environment, at)
    around = change_context(evaluation, services, at)
    beside = _Beside(
        recovery=_recovery(change.service, here, at, recovery_ratios),
        # What was approved has its place already: only the others' shares may still be in question.
        held={} if evaluation.status == Evaluation.Status.APPROVED else around.held,
        alone=_measured_by_the_interested(evaluation, around, at),
    )
    return Evidence(
        at=at,
        change=_change(evaluation, around, at),
        reach=_known(_reach(evaluation, reached, services, here, beside, at), at, _HOUR),
        calendar=_known(around.calendar, at, 5 * _MINUTE),
        incidents=_known(around.incidents, at, 5 * _MINUTE),
        history=_known(_history(around.past, at), at, _DAY),
        emergency=_emergency(evaluation, at),
        proof=proof.gathered(evaluation, around.words, at),
    )


def _known(value: T, at: datetime, fresh_for: int) -> Fact[T]:
    return seen(value, at=at, source=HERE, principal=HERE, fresh_for_seconds=fresh_for)


def _change(evaluation: Evaluation, around: ChangeContext, at: datetime) -> ChangeEvidence:
    change = evaluation.change
    named = {change.requested_by_id, change.author_id, change.implementer_id}
    return ChangeEvidence(
        claimed_class=evaluation.claims["change_class"],
        claimed_purpose=evaluation.claims["purpose"],
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
        named_incident=evaluation.exception.get("incident") or "",
        model=_model(evaluation, around.past, at),
        is_production=around.is_production,
    )


def _model(evaluation: Evaluation, past: ChangeHistory | None, at: datetime) -> Fact[Model]:
    model = evaluation.change.model
    if model is None:
        return Fact.absent(HERE)
    runs, failures = history.recent_runs(past.recent if past else [])
    return _known(
        Model(
            slug=model.slug,
            version=model.version,
            approved=model.status == ChangeModel.Status.APPROVED,
            approved_by=principal(model.approved_by_id),
            risk=model.risk,
            broken_bounds=_broken_bounds(evaluation, model),
            allows_migration=model.allows_migration,
            certified_at=model.certified_at,
            suspended=model.status == ChangeModel.Status.SUSPENDED,
            recent_runs=runs,
            recent_failures=failures,
        ),
        at,
        _HOUR,
    )


def _broken_bounds(evaluation: Evaluation, model: ChangeModel) -> tuple[str, ...]:
    bounds = {
        "service": model.service_id == evaluation.change.service.pk,
        "environment": not model.environments or evaluation.change.environment in model.environments,
        "repository": not model.repository or evaluation.pipeline.get("repository") == model.repository,
        "workflow": not model.workflow_name or evaluation.pipeline.get("workflow") == model.workflow_name,
    }
    return tuple(name for name, kept in bounds.items() if not kept)


def _recovery(service: "Service", here: list[GatingBudget], at: datetime, ratios: Sequence[Decimal]) -> Recovery:
    """Only asked for budgets that are short: a healthy one has nothing to wait for."""
    short = [r.objective_id for r in here if r.service_id == service.pk and r.level is not Level.HEALTHY]
    return recovery_times(short, at, ratios) if short and ratios else {}


def _reach(
    evaluation: Evaluation,
    reached: Sequence[Reached],
    services: "dict[int, Service]",
    here: list[GatingBudget],
    beside: _Beside,
    at: datetime,
) -> Reach:
    by_service: dict[int, list[GatingBudget]] = defaultdict(list)
    for gating in here:
        by_service[gating.service_id].append(gating)
    return Reach(
        direct=(_direct(evaluation.change.service, by_service[evaluation.change.service.pk], beside, at),),
        reached=tuple(
            ReachedService(
                service.slug, service.tier, _worst(by_service[service.pk]), service.team.slug if service.team else ""
            )
            for service in services.values()
        ),
        truncated=any(one.depth >= REACH_DEPTH for one in reached),
    )


def _measured_by_the_interested(
    evaluation: Evaluation, around: ChangeContext, at: datetime
) -> Mapping[int, SelfMeasured]:
    """Gating objectives of the service that only those measure who ask for, wrote or carry out the change."""
    if not around.they_measure:
        return {}
    return measured_by_any_of(around.accounts, [evaluation.change.service.pk], evaluation.change.environment, at)


def _direct(service: "Service", mine: list[GatingBudget], beside: _Beside, at: datetime) -> DirectService:
    fixed = any(gating.level is Level.EXHAUSTED for gating in mine) and _fix_verified(service, mine, at)
    return DirectService(
        measured_in=() if mine else gated_environments(service.pk),
        slug=service.slug,
        tier=service.tier,
        team=service.team.slug if service.team else "",
        needs_owner=service.needs_owner,
        objectives=_known(tuple(gating.objective for gating in mine), at, _HOUR),
        budgets={one.objective: _budget(one, fixed, beside, at) for one in mine},
    )


def _budget(gating: GatingBudget, fixed: bool, beside: _Beside, at: datetime) -> Fact[Budget]:
    recovers = beside.recovery.get(gating.objective_id, {})
    alone = beside.alone.get(gating.objective_id)
    return seen(
        Budget(
            objective_version=gating.objective_version,
            remaining=gating.remaining,
            coverage=gating.coverage,
            allowed_failures=gating.allowed_failures,
            watermark=gating.watermark if gating.measured_minutes else None,
            burns=dict(gating.burn),
            measured_minutes=gating.measured_minutes,
            gates_from=gating.gates_from,
            flags=tuple(flag.value for flag in gating.flags),
            reserved=gating.reserved,
            reservations=gating.reservations_in_flight,
            reserved_by_asker=beside.held.get(gating.objective_id, _NOTHING),
            stored_level=gating.level.value,
            fix_verified=fixed,
            trust=gating.trust,
            trust_marks=tuple(TrustMark(one.mark, one.since, one.indicator) for one in gating.trust_marks),
            recovers_at={str(limit): instant for limit, instant in recovers.items()},
            measured_by_interested=alone.measurers if alone else (),
            self_measured_by=alone.measurers if alone and alone.alone else (),
            self_measuring_allowed=bool(alone and alone.allowed),
        ),
        at=at,
        source="slo",
        principal=HERE,
        fresh_for_seconds=10 * _MINUTE,
        # Of a new objective is known that it is new, as of the evaluation; of others what was measured.
        observed_at=min(gating.evaluated_at if gating.is_new else gating.watermark, at),
    )


def _fix_verified(service: "Service", mine: list[GatingBudget], at: datetime) -> bool:
    """The incident that the burn opened in this window is resolved, and none is open."""
    longest = max(gating.window_days for gating in mine)
    return last_settled_alert(service.pk, at - timedelta(days=longest)) is not None


def _worst(mine: list[GatingBudget]) -> str:
    """What matters most of a service that is only reached: it burns, it is silent, it has nothing left.

    New objectives say nothing yet: beside others they are left out.
    """
    states = [gating.state for gating in mine if not gating.is_new]
    if not states and mine:
        return State.NOT_YET_MEASURED.value
    return worst(states).value


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
    return _known(emergency_path(evaluation.change.service.team_id, at), at, _DAY)
