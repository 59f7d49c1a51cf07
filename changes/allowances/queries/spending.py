"""Who spent what: the draws on allowances by how the runs went that they were for, week by week."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import TruncWeek

from changes.allowances.models import Allowance, AllowanceEntry
from changes.allowances.vocabulary import What

WEEKS = 12
WEEK = timedelta(days=7)


class Went(StrEnum):
    """What became of a draw."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNUSED = "unused"
    IN_FLIGHT = "in_flight"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one holder drew of a service in the last weeks, in shares of its dearest budget.

    weeks: the Monday (UTC) of each -> what was drawn in it, by what became of it; the oldest first.
    """

    weeks: Mapping[datetime, Mapping[Went, Decimal]]
    totals: Mapping[Went, Decimal] = field(default_factory=dict)

    @property
    def at_stake(self) -> Decimal:
        """What changes in flight hold now."""
        return self.totals.get(Went.IN_FLIGHT, Decimal(0))

    @property
    def lost(self) -> Decimal:
        """What was drawn by runs that failed."""
        return self.totals.get(Went.FAILED, Decimal(0))

    @property
    def drawn(self) -> Decimal:
        """All of it."""
        return sum(self.totals.values(), Decimal(0))


def mondays(at: datetime) -> list[datetime]:
    """The beginnings of the last weeks, the one that runs included; the oldest first."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    this = day - timedelta(days=day.weekday())
    return [this - WEEK * back for back in reversed(range(WEEKS))]


def spent(allowances: Collection[Allowance], at: datetime) -> dict[int, Spent]:
    """By number of the allowance. One query, of the draws of twelve weeks."""
    weeks = mondays(at)
    found: dict[int, dict[datetime, dict[Went, Decimal]]] = defaultdict(dict)
    for number, week, went, amount in _draws(allowances, weeks[0]):
        found[number].setdefault(week, {})[Went(went)] = amount
    return {one.pk: _summed(weeks, found[one.pk]) for one in allowances}


def _draws(allowances: Collection[Allowance], since: datetime) -> Iterable[tuple[int, datetime, str, Decimal]]:
    """What comes first after a draw says what became of it; of a run that was told several ways, the last word."""
    drawn = AllowanceEntry.objects.filter(allowance__in=allowances, what=What.DRAWN, at__gte=since)
    after = AllowanceEntry.objects.filter(
        allowance=OuterRef("allowance"), change_reference=OuterRef("change_reference"), id__gt=OuterRef("id")
    )
    run = after.filter(what__in=(What.REFILLED, What.SHRUNK))
    told = drawn.annotate(first=_word(after.order_by("id")), last=_word(run.order_by("-id")))
    went = Case(
        When(first=What.RETURNED, then=Value(Went.UNUSED.value)),
        When(last=What.SHRUNK, then=Value(Went.FAILED.value)),
        When(last=What.REFILLED, then=Value(Went.VERIFIED.value)),
        default=Value(Went.IN_FLIGHT.value),
    )
    of_weeks = told.annotate(week=TruncWeek("at"), went=went).order_by()
    return (
        of_weeks.values("allowance_id", "week", "went")
        .annotate(sum=Sum("amount"))
        .values_list(F("allowance_id"), F("week"), F("went"), F("sum"))
    )


def _word(entries: "QuerySet[AllowanceEntry]") -> Subquery:
    return Subquery(entries.values("what")[:1])


def _summed(weeks: list[datetime], found: Mapping[datetime, Mapping[Went, Decimal]]) -> Spent:
    totals: dict[Went, Decimal] = defaultdict(Decimal)
    for parts in found.values():
        for went, amount in parts.items():
            totals[went] += amount
    return Spent({week: found.get(week, {}) for week in weeks}, dict(totals))
