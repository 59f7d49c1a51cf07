"""Doors of the worker."""

from celery import shared_task
from django.utils import timezone

from itsm.oauth import operations


@shared_task
def forget() -> int:
    """Codes, refresh tokens and clients that nobody can use any more. Returns how many went."""
    return operations.forget(timezone.now())
