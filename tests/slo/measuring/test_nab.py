"""Four real series (Numenta Anomaly Benchmark) from CSV to budget, against a count by hand in plain Python.

They come every five minutes, some beside the clock, with repeated and missing lines: exactly what people will send.
"""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from slo.engine import csv_samples
from slo.engine.samples import Value, epoch_minute, instant_of
from slo.measuring import operations
from slo.models import Budget, Objective
from slo.objectives import operations as objectives_operations
from slo.objectives.queries.evaluate_at import evaluate_at
from tests.factories.slo import MEASURER, a_service, an_indicator

NAB = Path(__file__).parents[4] / "shared" / "data" / "nab"
WEEK = 7 * 1440
STEP = 5
# The file, and what a good value is: a bound that a few per cent of the values break.
SERIES = {
    "ec2_cpu_utilization_24ae8d": ("lte", "0.2"),
    "ec2_request_latency_system_failure": ("lt", "48.6"),
    "elb_request_count_8c0756": ("lte", "200"),
    "grok_asg_anomaly": ("gte", "25"),
}
TARGET = Decimal("0.97")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not NAB.is_dir(), reason="../shared/data/nab is not here: the NAB series are not tested"),
]


def by_hand(file: Path, op: str, bound: str) -> dict[datetime, tuple[int, int]]:
    """End of the five minutes -> (bad, all). Of a repeated timestamp the first line counts."""
    first: dict[str, str] = {}
    for line in csv.DictReader(file.read_text().splitlines()):
        first.setdefault(line["timestamp"], line["value"])
    bad: Counter[datetime] = Counter()
    total: Counter[datetime] = Counter()
    for text, value in first.items():
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        end = at - timedelta(minutes=at.minute % 5) + timedelta(minutes=5)
        number, limit = Decimal(value), Decimal(bound)
        is_good = {"lte": number <= limit, "lt": number < limit, "gte": number >= limit}[op]
        bad[end] += not is_good
        total[end] += 1
    return {end: (bad[end], total[end]) for end in total}


def counted(steps: dict[datetime, tuple[int, int]], until: datetime, minutes: int) -> tuple[int, int, int]:
    """(bad, all, steps with a value) of these minutes up to `until`."""
    inside = [pair for end, pair in steps.items() if until - timedelta(minutes=minutes) < end <= until]
    return sum(bad for bad, _ in inside), sum(total for _, total in inside), len(inside)


def stored(name: str, op: str, bound: str, at: datetime) -> Objective:
    indicator = an_indicator(measure="threshold", op=op, threshold=Decimal(bound), step_minutes=STEP)
    parsed = csv_samples.parsed((NAB / f"{name}.csv").read_bytes())
    values = [Value(instant_of(minute), value) for minute, value in parsed.values]
    outcome = operations.record_samples(indicator, values, actor=MEASURER, at=at)
    assert (outcome.accepted, outcome.refused) == (len(values), [])
    return objectives_operations.create_objective(
        actor=MEASURER, at=at, slug=name.replace("_", "-"), name=name, service=a_service(), indicator=indicator,
        target=TARGET, window_days=7,
    )  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
def test_a_real_series_equals_the_count_by_hand(name: str) -> None:
    op, bound = SERIES[name]
    steps = by_hand(NAB / f"{name}.csv", op, bound)
    last = max(steps)
    objective = stored(name, op, bound, last)
    instants = [last, *(last - timedelta(hours=hours, minutes=3) for hours in (1, 7, 29, 77, 150))]
    seen = set()
    for at in instants:
        budget = evaluate_at(at, [objective.pk])[objective.pk]
        newest = max(end for end in steps if end <= at)
        assert budget.watermark == newest
        bad, total, measured = counted(steps, newest, WEEK)
        assert (budget.bad_in_window, budget.total_in_window) == (bad * 1000, total * 1000)
        assert budget.remaining == left(bad, total)
        assert budget.coverage == round(Decimal(measured * STEP) / WEEK, 9)
        assert ("low_confidence" in budget.flags) is (measured * STEP < WEEK * 0.9 or total * Fraction(3, 100) < 10)
        for place, minutes in enumerate((5, 30, 60, 120, 360, 1440, 4320)):
            bad, total, _ = counted(steps, newest, minutes)
            assert (budget.bad[place], budget.total[place]) == (bad * 1000, total * 1000)
            assert budget.burn[place] == 1 - left(bad, total)
        seen.add(budget.remaining)
    assert len(seen) > 1, "the bound is so wide that nothing was tested"
    assert Budget.objects.get(pk=objective.pk).remaining == evaluate_at(last, [objective.pk])[objective.pk].remaining


def left(bad: int, total: int) -> Decimal:
    """Nine decimals, rounded down; nothing measured leaves everything."""
    if not total:
        return Decimal(1)
    exact = 1 - Fraction(bad, total) / (1 - Fraction(TARGET))
    return Decimal(floor(exact * 10**9)) / 10**9


def test_the_end_of_five_minutes_is_when_they_count() -> None:
    """A value of 03:41 belongs to 03:40-03:45 and is not known before that ends."""
    name = "ec2_request_latency_system_failure"
    last = max(by_hand(NAB / f"{name}.csv", *SERIES[name]))
    objective = stored(name, *SERIES[name], last)
    early = evaluate_at(last - timedelta(seconds=1), [objective.pk])[objective.pk]
    assert epoch_minute(early.watermark) == epoch_minute(last) - STEP
