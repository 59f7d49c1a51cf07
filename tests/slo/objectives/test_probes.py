"""What the database says of a series at a minute, against the samples themselves: holes, live hours, large sums."""

import random
from datetime import timedelta

import pytest
from django.db import connection

from slo.engine.prefix import Counts
from slo.engine.samples import epoch_minute
from slo.measuring.operations.samples import record_many
from slo.measuring.operations.series import raw_series
from slo.models import CountedPeriod, Objective
from slo.objectives.queries.evaluate_at import evaluate_at
from tests.factories.slo import T0, an_indicator, an_objective, measured, steady

pytestmark = pytest.mark.django_db

NOW = epoch_minute(T0)
HOLES = ((0, 0), (70, 400), (900, 910), (1500, 4000))  # minutes back from now: first and last without a sample


def probed(statement: str, *given: int) -> tuple[int, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {statement}", given)
        found: tuple[int, ...] | None = cursor.fetchone()
    return found


@pytest.mark.parametrize("seed", range(3))
def test_probes_say_what_was_counted_before_a_minute(seed):
    chance = random.Random(seed)
    indicator = an_indicator()
    largest = chance.choice([1_000, 3_000_000_000])  # the second needs the wide sums
    samples = {
        NOW - back: Counts(chance.randrange(largest), largest)
        for back in range(5000)
        if chance.random() < 0.9 and not any(first <= back <= last for first, last in HOLES)
    }
    record_many({indicator.pk: samples}, at=T0 + timedelta(hours=1))
    series = raw_series(indicator).pk
    edges = [NOW - back for pair in HOLES for back in (*pair, pair[0] - 1, pair[1] + 1)]
    for minute in [*edges, *(NOW - chance.randrange(5100) for _ in range(60)), NOW + 90, NOW + 100_000]:
        before = {at: counts for at, counts in samples.items() if at < minute}
        counted = (sum(one.bad for one in before.values()), sum(one.total for one in before.values()), len(before))
        assert (probed("slo_prefix(%s, %s)", series, minute) or (0, 0, 0)) == counted
        newest = (max(before) + 1, len(before)) if before else None
        assert probed("slo_newest(%s, %s)", series, minute) == newest
    assert probed("slo_prefix(%s, %s)", series, CountedPeriod.FOREVER) == (
        sum(one.bad for one in samples.values()), sum(one.total for one in samples.values()), len(samples),
    )  # fmt: skip


def test_few_many_and_all_objectives_are_evaluated_alike(settings):
    """A plan that lasts, one made each time, and the text as it is."""
    objectives = [an_objective(window_days=7 + number) for number in range(25)]
    for number, objective in enumerate(objectives[:12]):
        measured(objective.indicator, steady(T0, 90 + number, bad=number % 3), T0)
    ids = list(Objective.objects.values_list("pk", flat=True))
    many = evaluate_at(T0, ids)
    assert len(many) == 25
    for _ in range(7):  # PostgreSQL makes a plan of its own for all values after five
        assert {pk: evaluate_at(T0, [pk])[pk] for pk in ids[:4]} == {pk: many[pk] for pk in ids[:4]}
    assert evaluate_at(T0, ids[5:20]) == {pk: many[pk] for pk in ids[5:20]}
    settings.PREPARED_STATEMENTS = False
    assert evaluate_at(T0, ids[5:20]) == {pk: many[pk] for pk in ids[5:20]}
