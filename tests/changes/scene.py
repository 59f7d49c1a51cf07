"""A service with a healthy budget, and questions to the gate about it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from catalog.models import Service
from changes.change.operations.asking import GateRequest, ask_gate
from changes.models import Evaluation
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from slo.engine.samples import Sample
from slo.measuring import operations
from slo.models import Objective
from slo.objectives import operations as objectives_operations
from tests.factories.slo import MEASURER, a_service, an_objective


def measured_service(*, bad: int = 0, **fields: Any) -> tuple[Service, Objective]:
    """Measured up to now, for a week; `bad` of 1,000 events fail in each minute (one in a thousand may)."""
    now = timezone.now().replace(second=0, microsecond=0)
    service = a_service(**fields)
    objective = an_objective(service=service, window_days=7, at=now)
    samples = [Sample(now - timedelta(minutes=back), 1000 - bad, 1000) for back in range(7 * 1440, 0, -1)]
    for first in range(0, len(samples), 10_000):
        operations.record_samples(objective.indicator, samples[first : first + 10_000], actor=MEASURER, at=now)
    objectives_operations.evaluate(at=now, objectives=[objective.pk])
    return service, objective


def asked(service: Service, by: User, **fields: Any) -> Evaluation:
    """A normal change without attested proof: people decide about it."""
    question: dict[str, Any] = {
        "environment": "production",
        "change_class": "normal",
        "purpose": "feature",
        "summary": "Raise the shard count",
        "plan": "Step by step",
        "backout": "Back again",
        "artifact_digest": f"sha256:{1:064x}",
    }
    return ask_gate(GateRequest(service=service, **question | fields), actor=actor_for(by, Door.API), at=timezone.now())
