"""What changes cost in a period: summed up, the dearest one by one, and how much nobody's change explains."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from catalog.services.queries import visible_services
from changes.ledger.models import ChangeCost, LedgerDay
from changes.ledger.vocabulary import SumBy
from itsm.kernel.actors import Actor
from slo.objectives.queries.listing import objectives

MOST = 50
_PERSON = ("change__author", "change__requested_by")  # who wrote it, else who asked for it
_KEYS: dict[SumBy, tuple[Any, Any]] = {
    SumBy.SERVICE: (F("change__service__slug"), F("change__service__name")),
    SumBy.TEAM: (F("change__service__team__slug"), F("change__service__team__name")),
    SumBy.MODEL: (F("change__model__slug"), F("change__model__slug")),
    SumBy.AUTHOR: (
        Coalesce(*(F(f"{one}__username") for one in _PERSON)),
        Coalesce(*(NullIf(F(f"{one}__name"), Value("")) for one in _PERSON), Value("")),
    ),
}


class Asked(NamedTuple):
    """Changes that started in [since, until)."""

    since: datetime
    until: datetime
    by: SumBy


@dataclass(frozen=True, slots=True)
class SumLine:
    """What the changes of one service, team, model or author cost: `share` in whole budgets, each of its own."""

    slug: str
    name: str
    changes: int
    failed: int
    share: Decimal
    dearest: Decimal


@dataclass(frozen=True, slots=True)
class BookLine:
    """Where the excess of one objective went, as shares of that excess."""

    slug: str
    name: str
    debited: Decimal
    dependency: Decimal
    unattributed: Decimal


@dataclass(frozen=True, slots=True)
class CostReport:
    """At most `MOST` lines of each; `more` says that there are others."""

    sums: list[SumLine]
    dearest: list[ChangeCost]
    books: list[BookLine]
    more: bool


def report_of(actor: Actor, asked: Asked) -> CostReport:
    """Of the changes that started in the period, as far as the actor sees their services. Four queries."""
    costs = ChangeCost.objects.filter(
        change__started_at__gte=asked.since,
        change__started_at__lt=asked.until,
        change__service__in=visible_services(actor),
    )
    sums = _sums(costs, asked.by)
    return CostReport(
        sums=sums[:MOST],
        dearest=list(
            costs.filter(share__gt=0)
            .select_related("change__service", "objective")
            .order_by("-share", "-change_id")[:10]
        ),
        books=_books(actor, asked),
        more=len(sums) > MOST,
    )


def _sums(costs: QuerySet[ChangeCost], by: SumBy) -> list[SumLine]:
    slug, name = _KEYS[by]
    rows: Any = (
        costs.order_by()
        .annotate(slug=slug, name=name)
        .values("slug", "name")
        .annotate(count=Count("pk"), bad=Count("pk", filter=Q(failed=True)), whole=Sum("share"), most=Max("share"))
        .order_by("-whole", "slug")[: MOST + 1]
    )
    return [
        SumLine(row["slug"] or "", row["name"] or "", row["count"], row["bad"], row["whole"], row["most"])
        for row in rows
    ]


def _books(actor: Actor, asked: Asked) -> list[BookLine]:
    # Days are whole, in UTC: of a period that ends at noon the day that has begun counts, as its changes do.
    first, last = asked.since.astimezone(UTC).date(), (asked.until.astimezone(UTC) - timedelta(microseconds=1)).date()
    rows: Any = (
        LedgerDay.objects.filter(day__gte=first, day__lte=last, objective__in=objectives(actor).values("pk"))
        .order_by()
        .values("objective__slug", "objective__name")
        .annotate(whole=Sum("excess"), mine=Sum("debited"), others=Sum("dependency"), nobodys=Sum("unattributed"))
        .filter(whole__gt=0)
        .order_by("objective__slug")[:MOST]
    )
    return [
        BookLine(
            row["objective__slug"],
            row["objective__name"],
            *(Decimal(row[part]) / row["whole"] for part in ("mine", "others", "nobodys")),
        )
        for row in rows
    ]
