"""The minutes of one indicator as they are stored."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from slo.engine.methods import Method
from slo.engine.prefix import Hour, minutes_of
from slo.engine.samples import epoch_minute, instant_of
from slo.measuring.models import HourCounts, Indicator, Series


def stored_minutes(indicator: Indicator, first: datetime, end: datetime) -> Iterator[tuple[datetime, Decimal, Decimal]]:
    """(minute, good, total) with first <= minute < end, oldest first, read as it is asked for.

    What is older than the windows is kept by the day and has no minutes any more.
    """
    begins, ends = epoch_minute(first), epoch_minute(end)
    rows = HourCounts.objects.filter(
        series__members__indicator=indicator, series__method=Method.OCCURRENCES.value,
        hour__gte=begins // 60, hour__lte=ends // 60, valid__gt=0,
    ).order_by("hour")  # fmt: skip
    columns = ("hour", "valid", "bad", "wide_bad", "total", "wide_total")
    none = Hour()
    for hour, valid, bad, wide_bad, total, wide_total in rows.values_list(*columns).iterator(chunk_size=500):
        one = Hour(bad=bad or wide_bad or none.bad, total=total or wide_total or none.total, valid=valid)
        for place, counts in sorted(minutes_of(one).items()):
            if begins <= hour * 60 + place < ends:
                good = Decimal(counts.total - counts.bad) / 1000
                yield instant_of(hour * 60 + place), good, Decimal(counts.total) / 1000


def first_minute(indicator: Indicator) -> datetime | None:
    """How far back its measurements reach."""
    raw = Series.objects.filter(members__indicator=indicator, method=Method.OCCURRENCES.value)
    began = raw.values_list("began_minute", flat=True).first()
    return None if began is None else instant_of(began)


def newest_minute(indicator: Indicator) -> datetime | None:
    """The newest minute that was measured."""
    newest = (
        HourCounts.objects.filter(
            series__members__indicator=indicator, series__method=Method.OCCURRENCES.value, valid__gt=0
        )
        .order_by("-hour")
        .values_list("hour", "valid")
        .first()
    )
    return instant_of(newest[0] * 60 + newest[1].bit_length() - 1) if newest else None
