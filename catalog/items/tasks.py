"""The work of catalog items by itself. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from catalog.items import operations


@shared_task
def forget_unused_uploads() -> int:
    """Files for forms that nothing was asked with."""
    return operations.forget_unused(timezone.now())
