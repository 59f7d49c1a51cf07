"""What a failed change costs as a rule: what the gate reserves for the next ones follows.

Promise: no cheap failure makes the next reservation smaller. A failed run counts for at least what its policy holds
without a history, and for all that burned in its minutes, whatever of that went to a dependency or was given back.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import Sum

from changes.change.operations.evaluations import GATE
from changes.ledger.models import Debit
from changes.policies.queries import in_force
from slo.objectives.operations.typical_costs import note_typical_costs

LEAST, LATELY, _REMEMBERED = 3, 20, timedelta(days=365)
_PLACES = Decimal("1e-9")


def note_typical(at: datetime) -> int:
    """The median over the last failed runs of each objective, at least three within a year. Returns how many moved.

    Raises nothing.
    """
    floor = in_force().limits.reservation_ratio
    rows = (
        Debit.objects.filter(change__cost__failed=True, change__cost__final_at__gt=at - _REMEMBERED)
        .order_by()
        .values("objective", "change")
        .annotate(whole=Sum("gross"))
        .order_by("objective", "-change")
    )
    costs: dict[int, list[Decimal]] = defaultdict(list)
    for row in rows:
        costs[row["objective"]].append(max(row["whole"], floor))
    # Of a budget without enough of them nothing is said any more.
    known = set(Debit.objects.order_by().values_list("objective", flat=True).distinct())
    return note_typical_costs({objective: _typical(costs.get(objective, [])) for objective in known}, actor=GATE)


def _typical(costs: list[Decimal]) -> Decimal | None:
    return median(costs[:LATELY]).quantize(_PLACES) if len(costs) >= LEAST else None
