"""What a holder held of budgets, whether it holds it still or not."""

from decimal import Decimal

from slo.objectives.models import Reservation


def held_by(holder: str) -> dict[int, Decimal]:
    """Objective -> the share of its budget that this holder (CHG-00042) held last. One query."""
    rows = Reservation.objects.filter(holder=holder).order_by("id").values_list("objective", "ratio")
    return dict(rows)
