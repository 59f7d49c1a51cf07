"""The work of health by itself. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from catalog.health import operations
from itsm.kernel.actors import Actor

EXAMINER = Actor.system("examiner of items")


@shared_task
def examine_all() -> int:
    """Look at every item, and keep what the day was like."""
    at = timezone.now()
    operations.examine_all(actor=EXAMINER, at=at)
    operations.forget_old(at=at)
    return operations.keep_day(at=at)


@shared_task
def examine_edited() -> int:
    """Look at the items that changed meanwhile."""
    seen = operations.examine_edited(actor=EXAMINER, at=timezone.now())
    return seen.begun + seen.cleared
