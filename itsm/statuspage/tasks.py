"""The scheduled doors of status pages."""

from celery import shared_task
from django.utils import timezone

from itsm.statuspage import snapshot
from itsm.statuspage.operations import subscribing


@shared_task
def make_snapshot() -> int:
    """Make the snapshot anew, so that its age and its days go on. Safe to run twice: the later one stays."""
    return snapshot.build()


@shared_task
def forget_unconfirmed() -> int:
    """Forget who asked and never said yes. Safe to run twice."""
    return subscribing.forget_unconfirmed(timezone.now())
