"""When a budget would be back above each limit by waiting alone."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import connection

from slo.engine.levels import LIMITS
from slo.engine.samples import instant_of

_STATEMENT = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def recovery_times(
    objective_ids: Collection[int], at: datetime, limits: Collection[Decimal] = tuple(LIMITS.values())
) -> dict[int, dict[Decimal, datetime | None]]:
    """Objective id -> limit -> the instant at which headroom would exceed it, reservations as now.

    None where it already does, or where the reservations alone keep it below. One query over hour rows.
    """
    found: dict[int, dict[Decimal, datetime | None]] = {pk: dict.fromkeys(limits) for pk in objective_ids}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"objectives": list(objective_ids), "limits": list(limits), "at": at})
        for objective_id, limit, minute in cursor.fetchall():
            found[objective_id][limit] = instant_of(minute)
    return found
