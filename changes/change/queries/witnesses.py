"""Who saw that a deployment works: what those who wanted it say of it, or measure alone, is no word of others."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from changes.change.models import Change, Deployment
from changes.policies.queries import in_force
from slo.objectives.queries.gating_budgets import GatingBudget
from slo.objectives.queries.measurers import measured_by_any_of

# Watched to a clean end, and seen by somebody without a stake in it (`Deployment.is_known_to_work`).
KNOWN_TO_WORK = Q(watch=Deployment.Watch.CLEAN) & ~Q(witness=Deployment.Witness.NOBODY)


def trusted(seen: Collection[GatingBudget]) -> list[GatingBudget]:
    """Of these what the gate would go by: enough happened, and somebody judged the measurements lately. It reads which
    policy rules, once, and nothing where nothing was measured."""
    if not seen:
        return []
    limit = in_force().limits.trust_from
    return [one for one in seen if one.trust is not None and one.trust >= limit]


def measured_by_others(change: Change, relied_on: Collection[GatingBudget], at: datetime) -> bool:
    """Whether one of these objectives, which measured its watch and are `trusted`, is measured by somebody without an
    interest in the change, or its owner lets those measure it alone. What speaks against measurements for the gate does
    here: where none is trusted, nobody saw it work. One query, none where nothing was measured."""
    if not relied_on:
        return False
    theirs = measured_by_any_of(change.interested, [change.service_id], change.environment, at)
    found = [theirs.get(one.objective_id) for one in relied_on]
    return any(one is None or not one.alone or one.allowed for one in found)
