"""A measured service, an experiment on it that people approved, and a hook of one's own."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Service
from changes.change.operations import deploying, people_decide
from changes.chaos.models import ChaosExperiment
from changes.chaos.operations import plan_experiment
from changes.chaos.operations.planning import Plan
from changes.models import Deployment
from itsm.kernel.actors import Actor
from slo.engine.samples import Sample
from slo.measuring import operations as measuring
from slo.models import Objective
from tests.factories.slo import MEASURER, a_service, an_objective, evaluated, measured, steady
from tests.itsm.scripted_server import Scripted, scripted

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def hook(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


@pytest.fixture
def service(now: datetime) -> Service:
    """Measured for a day, a thousand events a minute, none of which failed; one in a thousand of them may."""
    found = a_service(tier=3)
    objective = an_objective(service=found, window_days=7, at=now - timedelta(days=1))
    measured(objective.indicator, steady(now, 1440), now)
    evaluated(objective, now)
    return found


@pytest.fixture
def plan(service: Service, hook: Scripted) -> Callable[..., Plan]:
    def make(**words: Any) -> Plan:
        said: dict[str, Any] = {
            "service": service, "environment": "production", "summary": "Checkout lives without one cache",
            "hypothesis": "Orders go on while one of three caches is away.", "blast_radius": "One of three caches.",
            "stake": Decimal("0.05"), "abort_url": f"{hook.url}/stop", "plan": "Stop cache 2 for ten minutes.",
            "backout": "Start cache 2 again.",
        }  # fmt: skip
        return Plan(**said | words)

    return make


@pytest.fixture
def planned(plan: Callable[..., Plan], asker: Actor, approving: Actor, now: datetime) -> ChaosExperiment:
    """Approved by a person: it has no artifact, so that people decide about it."""
    experiment = plan_experiment(plan(), actor=asker, at=now)
    people_decide.decide_by_person(experiment.change, actor=approving, decision="approve", comment="Go", at=now)
    return ChaosExperiment.objects.get()


@pytest.fixture
def running(planned: ChaosExperiment, asker: Actor, now: datetime) -> Deployment:
    return deploying.start_deployment(planned.change, actor=asker, at=now)


def fails(service: Service, first: datetime, minutes: int, bad: int) -> None:
    """So many of a thousand events fail in each of these minutes."""
    objective = Objective.objects.get(service=service)
    samples = [Sample(first + MINUTE * one, 1000 - bad, 1000) for one in range(minutes)]
    measuring.record_samples(objective.indicator, samples, actor=MEASURER, at=first + MINUTE * minutes)
