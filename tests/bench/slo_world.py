"""Objectives and their hours for measuring: by COPY, in the order in which they would arrive."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db import connection

AT = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
PATTERNS = 61
FULL = 2**60 - 1


def fill(objectives: int, days: int) -> None:
    """So many objectives of one indicator each, with so many days of minutes."""
    _define(objectives, days)
    hours = days * 24
    first = int(AT.timestamp()) // 3600 - hours
    columns = "series_id, hour, base_valid, base_bad, base_total, valid, revision, bad, total"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        rows = _rows(_series_ids(objectives), first, hours)
        cursor.copy_expert(f"COPY slo_hourcounts_past ({columns}) FROM STDIN", _Lines(rows))
        cursor.execute(
            "VACUUM ANALYZE slo_hourcounts, slo_objective, slo_objectiveversion, slo_countedperiod, slo_series"
        )
        cursor.execute("RESET statement_timeout")


def minute(number: int, at: int) -> tuple[int, int]:
    """Bad and total events, in thousandths, of one objective in one minute: 900 to 1,100 events, some of them bad."""
    pattern, place = (number + at // 60) % PATTERNS, at % 60
    return (pattern + place) % 3 * 500, (900 + (pattern * 7 + place * 13) % 200) * 1000


def _define(objectives: int, days: int) -> None:
    from catalog.models import Service
    from slo.models import CountedPeriod, Indicator, Objective, ObjectiveVersion, Series, SeriesMember

    service = Service.objects.create(slug="bench", name="Bench", tier=3)
    numbers = range(objectives)
    indicators = Indicator.objects.bulk_create(Indicator(slug=f"bench-{n}", name="Bench") for n in numbers)
    began = int(AT.timestamp()) // 60 - days * 1440
    series = Series.objects.bulk_create(
        Series(key=f"occurrences {one.pk}", method="occurrences", began_minute=began) for one in indicators
    )
    SeriesMember.objects.bulk_create(
        SeriesMember(series=fed, indicator=one) for one, fed in zip(indicators, series, strict=True)
    )
    terms: dict[str, Any] = {"target": Decimal("0.999"), "window_days": 28}
    made = Objective.objects.bulk_create(
        Objective(slug=f"bench-{n}", name="Bench", service=service, indicator=one, **terms)
        for n, one in enumerate(indicators)
    )
    ObjectiveVersion.objects.bulk_create(
        ObjectiveVersion(objective=one, number=1, indicator=one.indicator, from_minute=0, made_at=AT, **terms)
        for one in made
    )
    CountedPeriod.objects.bulk_create(
        CountedPeriod(
            objective=one, number=1, component=0, series=fed, error_budget_ppb=1_000_000, from_minute=0,
            until_minute=CountedPeriod.FOREVER,
        )
        for one, fed in zip(made, series, strict=True)
    )  # fmt: skip


def _series_ids(objectives: int) -> list[int]:
    from slo.models import Series

    return list(Series.objects.order_by("pk").values_list("pk", flat=True)[:objectives])


def _rows(series: list[int], first: int, hours: int) -> Iterator[str]:
    patterns = [_pattern(seed) for seed in range(PATTERNS)]
    bases = [[0, 0] for _ in series]
    for hour in range(hours):
        for index, base in enumerate(bases):
            bad, total, arrays = patterns[(index + hour + first) % PATTERNS]
            yield f"{series[index]}\t{first + hour}\t{hour * 60}\t{base[0]}\t{base[1]}\t{FULL}\t1\t{arrays}"
            base[0] += bad
            base[1] += total


def _pattern(seed: int) -> tuple[int, int, str]:
    """An hour's bad and total events in thousandths, and both arrays as COPY reads them."""
    counts = [minute(seed, at) for at in range(60)]
    bad = list(accumulate(one for one, _ in counts))
    total = list(accumulate(one for _, one in counts))
    return bad[-1], total[-1], f"{{{','.join(map(str, bad))}}}\t{{{','.join(map(str, total))}}}\n"


class _Lines:
    """Just enough of a file for COPY to read from an iterator."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = 65536) -> str:
        found, length = [], 0
        for line in self._lines:
            found.append(line)
            length += len(line)
            if length >= size:
                break
        return "".join(found)


@contextmanager
def throw_away_database() -> Iterator[None]:
    """A database of this process's own; BENCH_HERE says that the one of the environment is such a one already."""
    if os.environ.get("BENCH_HERE"):
        yield
        return
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
