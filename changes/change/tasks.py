"""What is looked at by itself for open changes. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from changes.change.operations import impact


@shared_task
def take_impacts() -> int:
    """Whom what was asked about just now would hit."""
    return impact.take_owed(timezone.now())


@shared_task
def renew_impacts() -> int:
    """Whom open changes would hit as the configuration stands tonight."""
    return impact.renew(timezone.now())
