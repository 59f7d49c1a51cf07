"""The queued door: imports that a request or a killed worker left."""

from celery import shared_task

from catalog.reconciliation.operations import working


@shared_task(soft_time_limit=1500, time_limit=1600)
def go_on() -> int:
    """Take in what is owed. Safe to run twice: one at a time is at a source, and a run goes on where it stands."""
    return working.go_on()
