"""Doors for Celery; each may run twice."""

from celery import shared_task
from django.utils import timezone

from incidents.alerts_in.operations import polling, retention


@shared_task
def poll_alertmanagers() -> int:
    """Read what fires in every Alertmanager that has an address."""
    return polling.poll_all(at=timezone.now())


@shared_task
def purge_alerts() -> int:
    """Delete bodies and alerts that are kept no longer."""
    return retention.purge(at=timezone.now())
