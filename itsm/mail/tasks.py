"""What is looked after by the clock."""

from celery import shared_task

from itsm.mail import keeping


@shared_task
def sweep_mail() -> int:
    """Take away the bytes of mails that no row names. Safe to run twice."""
    return keeping.sweep()
