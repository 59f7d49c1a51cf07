"""Amounts of the ledger in words."""

from decimal import Decimal
from typing import TYPE_CHECKING

from slo.objectives.queries.wording import count_said, counted_things

if TYPE_CHECKING:
    from slo.models import Objective

_LEAST = Decimal("0.1")


def said(objective: "Objective", amount: int) -> str:
    """ "300 events"; of slices, which are debited by their shares, "< 0.1 slices"."""
    counted = Decimal(amount) / objective.unit
    few = f"< {_LEAST}" if 0 < counted < _LEAST else count_said(counted)
    return counted_things(objective, few)
