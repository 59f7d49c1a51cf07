"""Gating budgets as they stood at a past instant, from the measurements as they stand now: for looking back only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from slo.engine.states import Flag
from slo.engine.windows import WINDOWS
from slo.objectives.models import Objective
from slo.objectives.queries.evaluate_at import evaluate_at


@dataclass(frozen=True, slots=True)
class PastBudget:
    """One gating objective's budget then. Shares of the budget; `watermark` None where nothing was measured yet."""

    objective: str
    version: int
    remaining: Decimal
    coverage: Decimal
    allowed: Decimal
    watermark: datetime | None
    measured_minutes: int
    burn: Mapping[str, Decimal]
    flags: tuple[str, ...]
    level: str


def budgets_as_they_were(service_id: int, environment: str, at: datetime) -> list[PastBudget]:
    """Of the objectives that gate there today, at `at`, by slug. An objective says nothing of the time before its first
    measurement, and is left out there. Two queries; raises nothing.
    """
    here = Objective.objects.in_force().filter(service=service_id, environment=environment, gating=True)
    slugs = dict(here.values_list("pk", "slug"))
    found = evaluate_at(at, list(slugs)) if slugs else {}
    budgets = [
        PastBudget(
            objective=slugs[one.objective_id],
            version=one.terms_version,
            remaining=one.remaining,
            coverage=one.coverage,
            allowed=one.allowed,
            watermark=one.watermark,
            measured_minutes=one.measured_minutes,
            burn=dict(zip(WINDOWS, one.burn, strict=True)),
            flags=tuple(flag.value for flag in Flag if flag.value in one.flags),
            level=one.level,
        )
        for one in found.values()
        if one.measured_minutes
    ]
    return sorted(budgets, key=lambda one: one.objective)


def measured_days(service_ids: list[int]) -> dict[int, int]:
    """Service -> days that its best measured gating objective has been measured; one without any is left out."""
    rows = Objective.objects.in_force().filter(service__in=service_ids, gating=True, budget__measured_minutes__gt=0)
    found: dict[int, int] = {}
    for service, minutes in rows.values_list("service", "budget__measured_minutes"):
        found[service] = max(found.get(service, 0), minutes // 1440)
    return found
