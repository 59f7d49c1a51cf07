"""Doors for Celery; each may run twice."""

from celery import shared_task
from django.utils import timezone

from changes.delivery.operations import matching, retention


@shared_task
def reconcile() -> int:
    """Match deployments to authorisations, and call unauthorised what has waited five minutes."""
    return matching.reconcile(timezone.now())


@shared_task
def forget() -> int:
    """Delete bodies of deliveries that are kept no longer."""
    return retention.purge(timezone.now())
