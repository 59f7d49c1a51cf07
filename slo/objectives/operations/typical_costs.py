"""What a failed change costs a budget as a rule: kept beside the budget, where the gate reads it."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.objectives.models import Budget


@transaction.atomic
def note_typical_costs(costs: Mapping[int, Decimal | None], *, actor: Actor) -> int:
    """Objective -> share of its budget, None where there is too little to say. Returns how many moved.

    Raises NotPermitted for everybody but the system: it decides what the next changes reserve.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself says what changes cost as a rule."))
    moved = 0
    for budget in Budget.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=costs).order_by("pk"):
        if budget.typical_cost != costs[budget.pk]:
            moved += Budget.objects.filter(pk=budget.pk).update(typical_cost=costs[budget.pk])
    return moved
