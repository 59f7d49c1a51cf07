"""The gate's locks, in the one order in which everybody takes them.

1. the calendar: shared by who judges or starts, alone for who closes it;
2. the budgets of the service, by id;
3. the change;
4. its evaluation.
Who finds the budgets behind what is known evaluates them under their locks, where the evaluation's turn is free:
nobody waits for it here, so it has no place in the order.
Due rows, asks and reservations belong to a change and are written under its lock.
"""

from datetime import datetime

from django.db import connection

from slo.models import Budget
from slo.objectives.operations.reservations import lock_gating_budgets

_CALENDAR = 0x43A1E2DA  # any number that no other advisory lock of Headroom uses


def share_calendar() -> None:
    """Until the transaction ends nobody closes the calendar: what is granted or started now was open when it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_CALENDAR])


def close_calendar() -> None:
    """Wait for judgements and starts under way, and hold off new ones until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CALENDAR])


def locked_budgets(service_id: int, environment: str, at: datetime) -> list[Budget]:
    """The calendar, then the gating budgets of a service: what fits is judged by one at a time."""
    share_calendar()
    return lock_gating_budgets(service_id, environment, at=at)
