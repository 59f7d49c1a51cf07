"""What problems burned of error budgets, as what lies above says it. Of each service the dearest objective ranks."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from incidents.problem.models import ProblemBurn

_MILLIONTH = Decimal("0.000001")
_RENEWED = ("service_id", "service_name", "share", "minutes", "counts", "parts", "digest")
# One statement, and only rows that differ: an edit of a problem is never held up by its figure.
_TOTALS = """
UPDATE incidents_problem p SET burn_minutes = now.minutes
FROM (
  SELECT q.id, coalesce(sum(b.minutes), 0) AS minutes
  FROM incidents_problem q LEFT JOIN incidents_problemburn b ON b.problem_id = q.id AND b.counts
  GROUP BY q.id
) now
WHERE now.id = p.id AND now.minutes <> p.burn_minutes
"""


@dataclass(frozen=True, slots=True)
class BurnPart:
    """What an outage (its id) adds by one cause (`reference`; empty: none is known): share of the budget, minutes."""

    outage: int
    started_at: datetime
    ended_at: datetime
    reference: str
    title: str
    share: Fraction
    minutes: Fraction


@dataclass(frozen=True, slots=True)
class Burn:
    """What a problem (None: nobody) burned of one objective's budget; `objective`: its slug."""

    problem: int | None
    objective: str
    service: int
    service_name: str
    parts: Sequence[BurnPart] = field(default_factory=tuple)

    @property
    def share(self) -> Fraction:
        """Of the budget, exact."""
        return sum((part.share for part in self.parts), Fraction(0))

    @property
    def minutes(self) -> Fraction:
        """Minutes of the budget, exact."""
        return sum((part.minutes for part in self.parts), Fraction(0))


@transaction.atomic
def note_burn(burns: Sequence[Burn]) -> int:
    """Let these figures stand and no others; the caller holds that nobody else does. Returns how many stand.

    Written is what differs. Raises nothing.
    """
    dearest = _dearest(burns)
    wanted = {(one.problem, one.objective): _row(one, counts=id(one) in dearest) for one in burns}
    stands: dict[tuple[int | None, str], tuple[int, str]] = {
        (problem, objective): (pk, digest)
        for pk, problem, objective, digest in ProblemBurn.objects.values_list("pk", "problem_id", "objective", "digest")
    }
    ProblemBurn.objects.filter(pk__in=[pk for key, (pk, _d) in stands.items() if key not in wanted]).delete()
    new = [row for key, row in wanted.items() if key not in stands]
    other = [row for key, row in wanted.items() if key in stands and stands[key][1] != row.digest]
    for row in other:
        row.pk = stands[row.problem_id, row.objective][0]
    ProblemBurn.objects.bulk_update(other, _RENEWED, batch_size=500)
    ProblemBurn.objects.bulk_create(new, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
    return len(wanted)


def _dearest(burns: Sequence[Burn]) -> set[int]:
    """Of each problem and service the one that burned most; of alike ones the first by name."""
    by_service: dict[tuple[int | None, int], list[Burn]] = defaultdict(list)
    for one in burns:
        by_service[one.problem, one.service].append(one)
    return {id(min(here, key=lambda one: (-one.minutes, one.objective))) for here in by_service.values()}


def _row(burn: Burn, *, counts: bool) -> ProblemBurn:
    parts = [_as_stored(part) for part in burn.parts]
    row = ProblemBurn(
        problem_id=burn.problem,
        objective=burn.objective,
        service_id=burn.service,
        service_name=burn.service_name,
        share=str(burn.share),
        minutes=in_decimals(burn.minutes),
        counts=counts,
        parts=parts,
    )
    said = [row.service_id, row.service_name, row.share, str(row.minutes), counts, parts]
    row.digest = sha256(json.dumps(said).encode()).hexdigest()
    return row


def _as_stored(part: BurnPart) -> dict[str, Any]:
    return {
        "outage": part.outage,
        "started_at": part.started_at.isoformat(),
        "ended_at": part.ended_at.isoformat(),
        "reference": part.reference,
        "title": part.title,
        "share": str(part.share),
        "minutes": str(in_decimals(part.minutes)),
    }


def in_decimals(number: Fraction) -> Decimal:
    """To the millionth, half to even."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(_MILLIONTH, ROUND_HALF_EVEN)
