"""How much of each budget is set aside right now."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import connection

# The same rule as `Reservation.objects.in_flight`; asked for under a lock, so it is kept plain.
_STATEMENT = """
SELECT objective_id, sum(ratio), count(*) FROM slo_reservation
WHERE objective_id = ANY (%s) AND released_at IS NULL AND expires_at > %s
GROUP BY objective_id
"""


def held_by_objective(objective_ids: Collection[int], at: datetime) -> dict[int, tuple[Decimal, int]]:
    """Objective id -> (share of the budget that is held, by how many reservations); absent where none is."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, [list(objective_ids), at])
        return {objective_id: (ratio, count) for objective_id, ratio, count in cursor.fetchall()}
