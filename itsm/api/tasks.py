"""Housekeeping of the API."""

from celery import shared_task
from django.utils import timezone

from itsm.api import idempotency


@shared_task
def forget_old_answers() -> int:
    """Drop kept answers older than 72 hours. Safe to run twice."""
    return idempotency.forget_before(timezone.now() - idempotency.KEPT_FOR)
