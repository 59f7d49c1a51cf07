"""What a change touches and reaches, with the budgets of the gating objectives there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from catalog.cmdb.queries.changed import in_evidence
from catalog.cmdb.queries.history import HIDDEN
from catalog.services.queries import REACH_DEPTH, Reached
from changes.change.models import Evaluation
from changes.change.queries.change_context import ChangeContext
from changes.change.queries.own_facts import HERE, HOUR, MINUTE, known
from changes.gate.evidence import Budget, DirectService, Reach, ReachedService, TrustMark
from changes.gate.facts import Fact, seen
from changes.gate.vocabulary import Mode
from incidents.incident.queries import last_settled_alert
from slo.engine.states import Level, State, worst
from slo.objectives.queries.gating_budgets import GatingBudget
from slo.objectives.queries.measurers import SelfMeasured, measured_by_any_of
from slo.objectives.queries.recovery import recovery_times
from slo.objectives.queries.standing import gated_environments

if TYPE_CHECKING:
    from catalog.models import Service

Held = Mapping[int, Decimal]
_NOTHING = Decimal(0)
Recovery = Mapping[int, Mapping[Decimal, datetime | None]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of the budgets beside their figures, by objective id.

    recovery: when headroom would pass a ratio. held: the ratio reserved by the asker's person.
    alone: objectives that only people with an interest in the change measure. mode: whether the gate rules the service.
    """

    recovery: Recovery
    held: Held
    alone: Mapping[int, SelfMeasured]
    mode: Mode


def recovery(service: "Service", here: list[GatingBudget], at: datetime, ratios: Sequence[Decimal]) -> Recovery:
    """Only asked for budgets that are short: a healthy one has nothing to wait for."""
    short = [r.objective_id for r in here if r.service_id == service.pk and r.level is not Level.HEALTHY]
    return recovery_times(short, at, ratios) if short and ratios else {}


def reach(
    evaluation: Evaluation,
    reached: Sequence[Reached],
    services: "dict[int, Service]",
    here: list[GatingBudget],
    beside: Beside,
    at: datetime,
    ways: Mapping[int, tuple[str, ...]],
) -> Reach:
    """The service that is changed with its budgets, and those that depend on it with their state."""
    by_service: dict[int, list[GatingBudget]] = defaultdict(list)
    for gating in here:
        by_service[gating.service_id].append(gating)
    return Reach(
        direct=(_direct(evaluation.change.service, by_service[evaluation.change.service.pk], beside, at),),
        reached=tuple(
            ReachedService(
                service.slug,
                service.tier,
                _worst(by_service[service.pk]),
                service.team.slug if service.team else "",
                path=ways.get(service.pk),
            )
            for service in services.values()
        ),
        truncated=any(one.depth >= REACH_DEPTH for one in reached),
    )


def named_ways(
    changed: "Service", items: Sequence[int], reached: Sequence[Reached], services: "Mapping[int, Service]"
) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """Item -> how evidence names it; service -> its way down to what is changed, where items lie on it.

    One query, where there are items.
    """
    slugs = {changed.pk: changed.slug, **{pk: one.slug for pk, one in services.items()}}
    between = {one for way in reached for one in way.via if one not in slugs}
    names = in_evidence({*items, *between})
    known = {**names, **slugs}
    ways = {
        one.service_id: tuple(known.get(step, HIDDEN) for step in one.via) for one in reached if between & set(one.via)
    }
    return names, ways


def measured_by_the_interested(
    evaluation: Evaluation, around: ChangeContext, at: datetime
) -> Mapping[int, SelfMeasured]:
    """Gating objectives of the service that only those measure who ask for, wrote or carry out the change."""
    if not around.they_measure:
        return {}
    return measured_by_any_of(around.accounts, [evaluation.change.service.pk], evaluation.change.environment, at)


def _direct(service: "Service", mine: list[GatingBudget], beside: Beside, at: datetime) -> DirectService:
    fixed = any(gating.level is Level.EXHAUSTED for gating in mine) and _fix_verified(service, mine, at)
    return DirectService(
        measured_in=() if mine else gated_environments(service.pk),
        slug=service.slug,
        tier=service.tier,
        team=service.team.slug if service.team else "",
        mode=beside.mode.value,
        needs_owner=service.needs_owner,
        objectives=known(tuple(gating.objective for gating in mine), at, HOUR),
        budgets={one.objective: _budget(one, fixed, beside, at) for one in mine},
    )


def _budget(gating: GatingBudget, fixed: bool, beside: Beside, at: datetime) -> Fact[Budget]:
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
            typical_cost=gating.typical_cost,
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
        fresh_for_seconds=10 * MINUTE,
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
