"""What has ended is forgotten."""

from celery import shared_task

from itsm.accounts.operations.ways_in import forget_ended


@shared_task
def forget_ended_ways_in() -> int:
    """Expired sessions, and requests for a new password that no longer count. Returns how many rows went."""
    return forget_ended()
