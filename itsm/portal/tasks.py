"""Doors for what the portal owes."""

from celery import shared_task
from django.utils import timezone

from itsm.portal.operations import forget


@shared_task
def forget_visitors() -> int:
    """See `operations.forget`."""
    return forget(timezone.now())
