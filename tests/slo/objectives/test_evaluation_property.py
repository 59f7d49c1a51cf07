"""The one SQL statement against the slow oracle, over random measurements, methods, windows, versions, corrections."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slo.engine.levels import HYSTERESIS_CHECKPOINTS, HYSTERESIS_MARGIN, LIMITS, level_of
from slo.engine.samples import epoch_minute
from slo.engine.states import LEVELS, Flag, Level, state_of
from slo.models import Budget
from slo.objectives.queries.evaluate_at import evaluate_at
from tests.factories.slo import evaluated
from tests.slo.naive import Case, Evaluation
from tests.slo.proving import IN_FULL
from tests.slo.situations import Situation, situations, stored

pytestmark = pytest.mark.django_db

EXAMPLES = 1500 if IN_FULL else 8  # one costs a third of a second
BILLIONTH = Fraction(1, 10**9)


@contextmanager
def undone() -> Iterator[None]:
    """Examples share one test's database; none may see another's rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(situation=situations(), shuffle=st.randoms(use_true_random=False))
def test_the_statement_equals_a_sum_over_raw_minutes(situation: Situation, shuffle: Any) -> None:
    with undone():
        objective, case = stored(situation, shuffle)
        before = Level(Budget.objects.get(pk=objective.pk).level)
        for look in situation.looks:
            at = situation.now + timedelta(seconds=look)
            decides = Budget.objects.get(pk=objective.pk).gates_since is not None
            expected = case.evaluate(int(at.timestamp()), decides=decides)
            budget = evaluated(objective, at)
            assert_same(budget, expected)
            assert (budget.gates_since is None) is ("not_yet_measured" in expected.flags)
            assert_same(evaluate_at(at, [objective.pk])[objective.pk], case.evaluate(int(at.timestamp())))
            before = expected_level(at_minute(case, int(at.timestamp()) // 60), expected, before)
            assert budget.level == before
            assert budget.state == state_of(before, {Flag(flag) for flag in expected.flags})


def assert_same(found: Any, expected: Evaluation) -> None:
    """One component is exact; each further one may add a billionth by its own rounding."""
    slack = (len(expected.component_windows) - 1) * BILLIONTH
    assert epoch_minute(found.watermark) == expected.watermark
    assert (found.window_first, found.window_last) == expected.window
    assert abs(Fraction(found.remaining) - Fraction(expected.remaining)) <= slack
    for burn, wanted in zip(found.burn, expected.burn.values(), strict=True):
        assert abs(Fraction(burn) - Fraction(wanted)) <= slack
    assert abs(Fraction(found.coverage) - expected.coverage) <= BILLIONTH / 2
    assert set(found.flags) == expected.flags
    assert found.firing == expected.firing


def at_minute(case: Case, closed: int) -> Case:
    """The case under the terms of that minute."""
    return Case([one for one in case.versions if one.from_minute <= closed], case.samples, case.corrections)


def expected_level(case: Case, expected: Evaluation, before: Level) -> Level:
    """Down at once; up by what the worst of the last hour's looks has earned, with the margin to spare."""
    now = level_of(expected.remaining)
    if LEVELS.index(now) >= LEVELS.index(before):
        return now
    looks = [expected.watermark - back for back in HYSTERESIS_CHECKPOINTS]
    worst = min(remaining_at(case, look, expected) for look in looks if is_within(case, look, expected))
    earned = next(
        (level for level, limit in LIMITS.items() if worst > Fraction(limit + HYSTERESIS_MARGIN)), Level.EXHAUSTED
    )
    return min(earned, before, key=LEVELS.index)


def is_within(case: Case, look: int, expected: Evaluation) -> bool:
    """A new period remembers nothing of the one before."""
    return isinstance(case.now.window, int) or look >= expected.window[0]


def remaining_at(case: Case, look: int, expected: Evaluation) -> Fraction:
    """What was left at that minute; a whole period's budget is as it is expected now."""
    if isinstance(case.now.window, int) or case.now.basis == "elapsed":
        return case.remaining(look)
    first, end = expected.window
    allowed = case.allowed(first, end, expected.watermark)
    shares = [
        one.weighed / budget for one, budget in zip(case.component_windows(first, look), allowed, strict=True) if budget
    ]
    return 1 - sum(shares, Fraction(0))
