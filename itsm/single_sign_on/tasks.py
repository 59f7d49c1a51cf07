"""The scheduled door: what could not be used any more goes."""

from celery import shared_task
from django.utils import timezone

from itsm.single_sign_on import once


@shared_task
def forget() -> int:
    """Safe to run twice: what is gone is gone."""
    return once.forget(timezone.now())
