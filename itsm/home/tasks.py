"""The demo company goes on living."""

from celery import shared_task


@shared_task
def continue_demo() -> int:
    return 0
