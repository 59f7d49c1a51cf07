"""The hourly door."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from itsm.continuity import telling


@shared_task
def tell_of_old_backups() -> int:
    """Tell administrators of backups and trials that are old or failed. Returns how many were told."""
    with transaction.atomic():
        return telling.tell(timezone.now())
