"""How much of each budget is set aside right now."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum

from slo.models import Reservation


def held_by_objective(objective_ids: Collection[int], at: datetime) -> dict[int, tuple[Decimal, int]]:
    """Objective id -> (share of the budget that is held, by how many reservations); absent where none is."""
    rows = (
        Reservation.objects.in_flight(at)
        .filter(objective_id__in=objective_ids)
        .values_list("objective_id")
        .annotate(Sum("ratio"), Count("pk"))
    )
    return {objective_id: (ratio, count) for objective_id, ratio, count in rows.order_by()}
