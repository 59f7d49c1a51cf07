"""What a holder held of budgets, whether it holds it still or not."""

from datetime import datetime
from decimal import Decimal

from slo.objectives.models import Reservation


def held_by(holder: str) -> dict[int, Decimal]:
    """Objective -> the share of its budget that this holder (CHG-00042) held last. One query."""
    rows = Reservation.objects.filter(holder=holder).order_by("id").values_list("objective", "ratio")
    return dict(rows)


def holders_in_flight(service_id: int, environment: str, at: datetime) -> list[str]:
    """Who holds a share of a budget of this service there, the first who took one first. One query."""
    there = Reservation.objects.in_flight(at).filter(objective__service=service_id, objective__environment=environment)
    return list(dict.fromkeys(there.order_by("id").values_list("holder", flat=True)))
