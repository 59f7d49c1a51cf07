"""The work of back-tests and shadows by itself. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from changes.back_tests import operations


@shared_task
def go_on() -> int:
    """Work at back-tests for a while, then let whatever else is due have its turn, and come again.

    Each sweep of the beat brings one more worker in, as many as there are.
    """
    left = operations.go_on()
    if left:
        go_on.apply_async(countdown=1, expires=60, priority=6)
    return left


@shared_task
def record_shadows() -> int:
    """What policies in shadow would have said meanwhile."""
    return operations.record_shadows(timezone.now())


@shared_task
def forget() -> int:
    """Back-tests that are long over."""
    return operations.forget(timezone.now())
