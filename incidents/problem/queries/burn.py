"""What problems burned of error budgets in the last 28 days: the rank, its parts, and what nobody owns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, Sum

from incidents.problem.models import Problem, ProblemBurn, ProblemRanking
from incidents.problem.queries.linked import CHANGE, drawn_to_incidents
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import Status
from itsm.work.models import Link

# How many outages stands in the parts: read where they lie.
_UNOWNED = """
SELECT coalesce(sum(minutes), 0), (
  SELECT count(DISTINCT part ->> 'outage')
  FROM incidents_problemburn b, jsonb_array_elements(b.parts) part
  WHERE b.problem_id IS NULL AND b.counts
)
FROM incidents_problemburn WHERE problem_id IS NULL AND counts
"""


class Owners(NamedTuple):
    """By number: the problems that own an incident, and those that own a change which caused them."""

    of_incidents: Mapping[int, tuple[int, ...]]
    of_changes: Mapping[int, tuple[int, ...]]


def owners_of_causes() -> Owners:
    """Whose each incident and each causing change is. Two queries.

    What was dismissed, cancelled or lives on elsewhere owns nothing; nor does what lies in a confidential queue: it
    would show in the figures of everybody.
    """
    none = Q(status=Status.DISMISSED) | Q(close_code__in=(CloseCode.CANCELLED, CloseCode.DUPLICATE))
    owning = Problem.objects.exclude(none).filter(team__confidential=False).values("pk")
    incidents = drawn_to_incidents().filter(from_id__in=owning)
    changes = Link.objects.filter(from_kind=CHANGE, to_kind=Problem.kind, to_id__in=owning, meaning=Link.Meaning.CAUSED)
    return Owners(
        _by_record(incidents.order_by("from_id").values_list("to_id", "from_id")),
        _by_record(changes.order_by("to_id").values_list("from_id", "to_id")),
    )


def _by_record(pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for record, problem in pairs:
        found[record].append(problem)
    return {record: tuple(problems) for record, problems in found.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """One outage behind the figure of a problem, or of nobody: minutes of the budget, `share` of it as a ratio."""

    outage: int
    objective: str
    service: str
    started_at: datetime
    ended_at: datetime
    reference: str
    title: str
    share: Fraction
    minutes: Decimal

    @property
    def ratio(self) -> Decimal:
        """The share as pages show it."""
        return Decimal(self.share.numerator) / Decimal(self.share.denominator)


@dataclass(frozen=True, slots=True)
class BurnSheet:
    """Minutes of error budgets burned in the 28 days before `as_of` (None: never reckoned yet), which share that is of
    all that was burned, and its parts, the dearest first. The parts sum to the minutes (each rounded to the
    millionth)."""

    minutes: Decimal
    share: Decimal
    parts: tuple[Part, ...]
    as_of: datetime | None = None

    def by_service(self) -> "list[ServiceParts]":
        """The same parts service by service, the dearest first."""
        found: dict[str, list[Part]] = defaultdict(list)
        for part in self.parts:
            found[part.service].append(part)
        groups = [
            ServiceParts(name, sum((one.minutes for one in parts), Decimal(0)), parts) for name, parts in found.items()
        ]
        return sorted(groups, key=lambda one: (-one.minutes, one.service))


class ServiceParts(NamedTuple):
    """What was burned of one service's budget, and by which outages."""

    service: str
    minutes: Decimal
    parts: list[Part]

    @property
    def outages(self) -> int:
        """How many: one has a part for each of its causes."""
        return len({part.outage for part in self.parts})


class Unowned(NamedTuple):
    """What nobody owns: minutes, how many outages, and which share that is of all minutes."""

    minutes: Decimal
    outages: int
    share: Decimal


def total_minutes() -> Decimal:
    """Everything that was burned, owned or not, by the dearest objective of each service. One query."""
    return ProblemBurn.objects.filter(counts=True).aggregate(all=Sum("minutes"))["all"] or Decimal(0)


def ranked_at() -> datetime | None:
    """As of when the figures are; None before they were reckoned first. One query."""
    return ProblemRanking.objects.values_list("as_of", flat=True).first()


def burn_of(problem: Problem | None) -> BurnSheet:
    """The figure of a problem, or (None) of nobody, with the outages behind it. Three queries."""
    rows = list(ProblemBurn.objects.filter(problem=problem, counts=True))
    parts = [part for row in rows for part in _parts(row)]
    minutes = sum((row.minutes for row in rows), Decimal(0))
    ordered = sorted(parts, key=lambda part: (-part.minutes, part.outage, part.reference))
    return BurnSheet(minutes, share_of(minutes, total_minutes()), tuple(ordered), ranked_at())


def share_of(minutes: Decimal, total: Decimal) -> Decimal:
    """As a ratio; 0 where nothing was burned at all."""
    return minutes / total if total else Decimal(0)


def unowned(total: Decimal) -> Unowned:
    """What nobody looks into, of all minutes (`total`). One query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNOWNED)
        minutes, outages = cursor.fetchone()
    return Unowned(minutes, outages, share_of(minutes, total))


def parts_by_problem(ids: Iterable[int], most: int) -> dict[int, list[Part]]:
    """The dearest parts of each of these problems, for their "why?". One query."""
    found: dict[int, list[Part]] = defaultdict(list)
    for row in ProblemBurn.objects.filter(problem__in=list(ids), counts=True):
        if row.problem_id is not None:
            found[row.problem_id] += _parts(row)
    return {pk: sorted(parts, key=lambda part: -part.minutes)[:most] for pk, parts in found.items()}


def _parts(row: ProblemBurn) -> list[Part]:
    return [_part(row, stored) for stored in row.parts]


def _part(row: ProblemBurn, stored: dict[str, Any]) -> Part:
    return Part(
        outage=stored["outage"],
        objective=row.objective,
        service=row.service_name,
        started_at=datetime.fromisoformat(stored["started_at"]),
        ended_at=datetime.fromisoformat(stored["ended_at"]),
        reference=stored["reference"],
        title=stored["title"],
        share=Fraction(stored["share"]),
        minutes=Decimal(stored["minutes"]),
    )
