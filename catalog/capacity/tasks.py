"""The night's work of capacity. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from catalog.capacity import operations
from itsm.kernel.actors import Actor

FORECASTER = Actor.system("forecaster")


@shared_task
def forecast_all() -> int:
    """A forecast of each measure, and warnings where a limit is near."""
    return operations.forecast_all(actor=FORECASTER, at=timezone.now())


@shared_task
def forget_old_points() -> int:
    """What is older than is kept."""
    return operations.forget_old_points(at=timezone.now())
