"""Doors for Celery; each may run twice."""

from celery import shared_task
from django.utils import timezone

from changes.delivery.operations import matching, questions, retention


@shared_task
def reconcile() -> int:
    """Match deployments to authorisations, call unauthorised what has waited five minutes, and see that every platform
    that waits for an answer has heard it. Safe to run twice."""
    at = timezone.now()
    return questions.follow_open(at) + matching.reconcile(at)


@shared_task
def forget() -> int:
    """Delete bodies of deliveries that are kept no longer."""
    return retention.purge(timezone.now())
