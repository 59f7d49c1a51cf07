"""Deployments as candidate causes of an outage."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from changes.change.models import Deployment
from slo.engine.attribution import BEFORE, CandidateCause, RecordType

if TYPE_CHECKING:
    from slo.models import Objective

_MAX_ROWS = 100
_WRONG = (Deployment.Status.FAILED, Deployment.Status.ROLLED_BACK)


def deployed(objective: "Objective", services: set[int], first: datetime, last: datetime) -> Iterable[CandidateCause]:
    """Deployments to the objective's environment that ran in this time, or ended shortly before it."""
    rows = Deployment.objects.filter(
        Q(finished_at__isnull=True) | Q(finished_at__gte=first - BEFORE),
        change__service__in=services,
        environment=objective.environment,
        started_at__lt=last,
    ).select_related("change")
    for one in rows.order_by("-started_at")[:_MAX_ROWS]:
        yield CandidateCause(
            reference=one.change.reference,
            title=one.change.summary,
            url=one.change.get_absolute_url(),
            record_type=RecordType.CHANGE,
            began_at=one.started_at,
            ended_at=one.finished_at,
            on_the_service=one.change.service_id == objective.service_id,
            went_wrong=one.status in _WRONG,
        )
