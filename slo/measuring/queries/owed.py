"""What data sources owe: minutes that were asked for and not answered, by indicator."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Min, Q, Sum

from slo.engine.samples import instant_of
from slo.measuring.models import Indicator, OwedPiece

_MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Owed:
    """`failed`: minutes of which nobody knows what happened; `minutes` with those that came without figures."""

    minutes: int
    failed: int
    pieces: int
    since: datetime
    first: datetime
    end: datetime


def owed_minutes(indicator_ids: Collection[int]) -> dict[int, Owed]:
    """Indicator id -> what is owed, for those that are owed anything. One query."""
    length = F("end_minute") - F("first_minute")
    rows = (
        OwedPiece.objects.filter(indicator_id__in=indicator_ids)
        .order_by()
        .values_list("indicator_id")
        .annotate(
            minutes=Sum(length), failed_minutes=Sum(length, filter=Q(failed=True)), pieces=Count("pk"),
            since=Min("owed_since"), first=Min("first_minute"), end=Max("end_minute"),
        )
    )  # fmt: skip
    return {
        pk: Owed(int(minutes), int(failed or 0), pieces, since, instant_of(first), instant_of(end))
        for pk, minutes, failed, pieces, since, first, end in rows
    }


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One piece as people read it."""

    first: datetime
    end: datetime
    minutes: int
    failed: bool
    attempts: int
    next_at: datetime
    error: str


def owed_rows(indicator: Indicator) -> list[OwedRow]:
    """The oldest pieces of an indicator, failed ones first."""
    rows = OwedPiece.objects.filter(indicator=indicator).order_by("-failed", "first_minute")[:_MAX_SHOWN]
    return [
        OwedRow(
            instant_of(one.first_minute), instant_of(one.end_minute), one.end_minute - one.first_minute, one.failed,
            one.attempts, one.next_at, one.last_error,
        )
        for one in rows
    ]  # fmt: skip
