"""How pressing an item of an agenda is: four factors, each shown, and their geometric mean. Pure.

Promise: `score = 100 * (risk * scarcity * conflict * novelty) ** (1/4)`. What is not known ranks as the highest.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

RISK: Mapping[str, Decimal] = {"low": Decimal("0.2"), "medium": Decimal("0.5"), "high": Decimal(1)}
CONFLICT: Mapping[str, Decimal] = {"none": Decimal("0.1"), "warned": Decimal("0.5"), "blocking": Decimal(1)}
_RUNS = 5  # so many runs of its kind here make a change half as new


class Factors(NamedTuple):
    """Each within 0..1; `score` within 0..100 with one decimal."""

    risk: Decimal
    scarcity: Decimal
    conflict: Decimal
    novelty: Decimal

    @property
    def score(self) -> Decimal:
        product = self.risk * self.scarcity * self.conflict * self.novelty
        return (100 * product.sqrt().sqrt()).quantize(Decimal("0.1"))


def factors(*, risk: str, headroom: Decimal | None, conflict: str, runs: int) -> Factors:
    """`headroom`: of the scarcest budget as a ratio, None where nobody can see one; `runs`: of this kind here."""
    scarcity = Decimal(1) if headroom is None else min(Decimal(1), max(Decimal(0), 1 - headroom))
    return Factors(
        RISK.get(risk, Decimal(1)),
        scarcity,
        CONFLICT.get(conflict, Decimal(1)),
        Decimal(_RUNS) / (_RUNS + max(0, runs)),
    )
