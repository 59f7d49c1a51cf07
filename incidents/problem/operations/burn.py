"""What problems burned of error budgets, as what lies above says it. Of each service the dearest objective ranks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from incidents.problem.models import ProblemBurn, ProblemRanking

_MILLIONTH = Decimal("0.000001")
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


@dataclass(frozen=True)
class Burn:
    """What a problem (None: nobody) burned of one objective's budget; `objective`: its slug."""

    problem: int | None
    objective: str
    service: int
    service_name: str
    parts: Sequence[BurnPart] = field(default_factory=tuple)

    @cached_property
    def share(self) -> Fraction:
        """Of the budget, exact."""
        return sum((part.share for part in self.parts), Fraction(0))

    @cached_property
    def minutes(self) -> Fraction:
        """Minutes of the budget, exact."""
        return sum((part.minutes for part in self.parts), Fraction(0))


def note_burn(burns: Sequence[Burn], at: datetime) -> int:
    """Let these figures stand, as of `at`, and no others; the caller holds that nobody else does. How many stand.

    Written is what differs. Raises nothing.
    """
    dearest = _dearest(burns)
    wanted = {(one.problem, one.objective): (one, id(one) in dearest) for one in burns}
    stands: dict[tuple[int | None, str], tuple[int, str]] = {
        (problem, objective): (pk, digest)
        for pk, problem, objective, digest in ProblemBurn.objects.values_list("pk", "problem_id", "objective", "digest")
    }
    gone, new = [pk for key, (pk, _then) in stands.items() if key not in wanted], []
    for key, (burn, counts) in wanted.items():
        pk, then = stands.get(key, (0, ""))
        if then != (digest := _digest(burn, counts)):
            new.append(_row(burn, counts, digest))
            gone += [pk] if pk else []
    with transaction.atomic():  # nothing is held while it is reckoned; what differs is written anew, by one statement
        ProblemBurn.objects.filter(pk__in=gone).delete()
        ProblemBurn.objects.bulk_create(new, batch_size=1000)
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS)
        ProblemRanking.objects.update_or_create(pk=1, defaults={"as_of": at})
    return len(wanted)


def _dearest(burns: Sequence[Burn]) -> set[int]:
    """Of each problem and service the one that burned most; of alike ones the first by name."""
    by_service: dict[tuple[int | None, int], list[Burn]] = defaultdict(list)
    for one in burns:
        by_service[one.problem, one.service].append(one)
    return {id(min(here, key=lambda one: (-one.minutes, one.objective))) for here in by_service.values()}


def _digest(burn: Burn, counts: bool) -> str:
    """Stands for everything that is stored of it, without making it: most of it has not changed."""
    said = [f"{burn.service}\0{burn.service_name}\0{counts}"]
    said += [
        f"{one.outage}\0{one.started_at}\0{one.ended_at}\0{one.reference}\0{one.title}\0{one.share}\0{one.minutes}"
        for one in burn.parts
    ]
    return sha256("\n".join(said).encode()).hexdigest()


def _row(burn: Burn, counts: bool, digest: str) -> ProblemBurn:
    return ProblemBurn(
        problem_id=burn.problem,
        objective=burn.objective,
        service_id=burn.service,
        service_name=burn.service_name,
        share=str(burn.share),
        minutes=in_decimals(burn.minutes),
        counts=counts,
        parts=[_as_stored(part) for part in burn.parts],
        digest=digest,
    )


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
