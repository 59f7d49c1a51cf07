"""Deployments as they were told, for the tests of the five measures: rows without a gate before them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from catalog.models import Service
from changes.models import DeliveredCommit, DeploymentEvent
from tests.factories.slo import T0

_numbers = count(1)
HOUR = timedelta(hours=1)


def deployed(service: Service, ended: datetime = T0, result: str = "succeeded", **words: Any) -> DeploymentEvent:
    """A deployment to production that took ten minutes, told by an imported history."""
    said = {
        "told_by": "import", "external_id": str(next(_numbers)), "environment": "production", "told_at": ended,
        "started_at": ended - timedelta(minutes=10), "finished_at": ended, "standing": "exempt", "result": result,
    }  # fmt: skip
    return DeploymentEvent.objects.create(service=service, **said | words)


def holds(event: DeploymentEvent, **commits: datetime) -> None:
    """It says that it holds these commits, of these times."""
    DeliveredCommit.objects.bulk_create(
        DeliveredCommit(event=event, sha=sha, committed_at=at) for sha, at in commits.items()
    )
