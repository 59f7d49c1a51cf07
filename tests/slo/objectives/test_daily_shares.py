"""The good share of single days: what was counted, without what corrections exclude."""

from datetime import timedelta
from decimal import Decimal

import pytest

from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Kind, Role
from slo.objectives import operations
from slo.objectives.queries.daily_shares import daily_shares
from tests.factories.slo import T0, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def a_person(name: str, role: Role) -> Actor:
    user = User.objects.create(username=name, name=name, roles=[role.value])
    return Actor(user.pk, name, Kind.HUMAN, frozenset({role}), frozenset())


def test_each_day_is_what_was_good_of_it_and_a_mask_takes_out_what_failed() -> None:
    objective = an_objective(window_days=7)
    assert objective.indicator is not None
    midnight = T0.replace(hour=0)
    measured(objective.indicator, steady(midnight, 2 * 1440), T0)  # two whole days
    measured(objective.indicator, steady(midnight - timedelta(hours=6), 60, bad=500), T0)
    measured(objective.indicator, steady(T0, 720, bad=10), T0)  # half of today
    evaluated(objective, T0)
    edges = [midnight - 3 * DAY, midnight - 2 * DAY, midnight - DAY, midnight, midnight + DAY]
    worst = 1 - Decimal(60 * 500) / (1440 * 1000)
    assert daily_shares(objective.slug, edges) == [None, 1, worst, Decimal("0.99")]
    asked = operations.propose_correction(
        objective, actor=a_person("erin", Role.ENGINEER), at=T0, category="scheduled_maintenance", reason="Disks.",
        starts_at=midnight - timedelta(hours=7), ends_at=midnight - timedelta(hours=6),
    )  # fmt: skip
    operations.approve_correction(asked, actor=a_person("mona", Role.MANAGER), version=asked.version, at=T0)
    assert daily_shares(objective.slug, edges) == [None, 1, 1, Decimal("0.99")]
    assert daily_shares("no-such", edges) is None
