"""The scheduled doors: mappings that changed are applied, what nobody needs any more goes."""

from celery import shared_task
from django.utils import timezone

from itsm.identity.operations import refusing, settling


@shared_task
def settle() -> int:
    """Safe to run twice: who has what the groups mean is left alone."""
    return settling.settle(timezone.now())


@shared_task
def forget() -> int:
    """Safe to run twice: what is gone is gone."""
    return refusing.forget(timezone.now())
