"""Situations of the slo app, made through its own operations. No randomness, no clock: instants are given."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from catalog.models import Service
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from slo.engine.samples import Sample
from slo.measuring import operations
from slo.models import Budget, Indicator, Measurer, Objective
from slo.objectives import operations as objectives_operations

MEASURER = Actor.system("test")
T0 = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_numbers = count(1)


def a_service(**fields: Any) -> Service:
    number = next(_numbers)
    return Service.objects.create(**{"slug": f"service-{number}", "name": f"Service {number}", "tier": 2} | fields)


def an_indicator(**fields: Any) -> Indicator:
    return operations.create_indicator(
        actor=MEASURER, **{"slug": f"indicator-{next(_numbers)}", "source": "push"} | fields
    )


def measured_by(indicator: Indicator, *accounts: User, at: datetime = T0) -> Indicator:
    """These accounts may send its measurements too."""
    Measurer.objects.bulk_create(
        Measurer(indicator=indicator, account=account, named_by="test", named_at=at) for account in accounts
    )
    return indicator


def an_objective(at: datetime = T0, **fields: Any) -> Objective:
    """99.9 % over 28 days on a fresh service and indicator, unless said otherwise."""
    number = next(_numbers)
    wanted: dict[str, Any] = {"slug": f"objective-{number}", "name": f"Objective {number}", "target": Decimal("0.999")}
    wanted |= fields
    wanted["service"] = fields.get("service") or a_service()
    wanted["indicator"] = fields.get("indicator") or an_indicator()
    return objectives_operations.create_objective(actor=MEASURER, at=at, **wanted)


def steady(until: datetime, minutes: int, *, bad: int = 0, total: int = 1000) -> list[Sample]:
    """So many minutes up to (not including) `until`, all alike."""
    return [Sample(until - MINUTE * back, total - bad, total) for back in range(minutes, 0, -1)]


def measured(indicator: Indicator, samples: Iterable[Sample], at: datetime) -> None:
    """Record any number of samples, in batches as large as one may send."""
    waiting = list(samples)
    for first in range(0, len(waiting), 10_000):
        outcome = operations.record_samples(indicator, waiting[first : first + 10_000], actor=MEASURER, at=at)
        assert not outcome.refused, outcome.refused[:3]


def evaluated(objective: Objective, at: datetime) -> Budget:
    assert objectives_operations.evaluate(at=at, objectives=[objective.pk]) == 1
    return Budget.objects.select_related("objective").get(pk=objective.pk)
