"""The scheduled door: what can be used no more goes."""

from celery import shared_task
from django.utils import timezone

from itsm.workload_identity import exchanging


@shared_task
def forget() -> int:
    """Safe to run twice: what is gone is gone."""
    return exchanging.forget(timezone.now())
