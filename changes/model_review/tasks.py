"""Models are watched by themselves. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from changes.model_review import operations


@shared_task
def watch() -> int:
    """Suspend models whose changes caused a P1."""
    return operations.watch(timezone.now())


@shared_task
def keep_figures() -> int:
    """Count what models saved and cost."""
    return operations.keep_figures(timezone.now())


@shared_task
def ask_to_certify() -> int:
    """Ask in time for another certificate."""
    return operations.ask_to_certify(timezone.now())
