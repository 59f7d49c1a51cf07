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
from typing import TYPE_CHECKING

from changes.calendar.operations.locking import share_calendar
from slo.objectives.operations.reservations import lock_gating_budgets

if TYPE_CHECKING:
    from slo.models import Budget


def locked_budgets(service_id: int, environment: str, at: datetime) -> "list[Budget]":
    """The calendar, then the gating budgets of a service: what fits is judged by one at a time."""
    share_calendar()
    return lock_gating_budgets(service_id, environment, at=at)
