"""Deployments as people and programs may see them, each once."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from changes.delivery.models import DeploymentEvent
from itsm.kernel.actors import Actor


def deployments(actor: Actor, *, each_telling: bool = False) -> QuerySet[DeploymentEvent]:
    """Each deployment once, or by each telling of it; newest first, with what is shown beside it."""
    rows = DeploymentEvent.objects.visible_to(actor)
    rows = rows if each_telling else rows.told_once()
    return rows.select_related("service", "change", "person", "deployment").order_by("-started_at", "-id")


def of_service(
    service_ids: Sequence[int], environment: str, begins: datetime, ends: datetime
) -> QuerySet[DeploymentEvent]:
    """Those of services in an environment that began in [begins, ends), oldest first; for whoever reckons."""
    rows = DeploymentEvent.objects.told_once().filter(service__in=service_ids, environment=environment)
    return rows.filter(started_at__gte=begins, started_at__lt=ends).order_by("started_at", "id")
