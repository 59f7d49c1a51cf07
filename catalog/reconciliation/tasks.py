"""The queued door: imports that a request or a killed worker left."""

from celery import shared_task
from django.utils import timezone

from catalog.reconciliation.operations import renewing, working
from itsm.kernel.actors import Actor


@shared_task(soft_time_limit=1500, time_limit=1600)
def go_on() -> int:
    """Take in what is owed. Safe to run twice: one at a time is at a source, and a run goes on where it stands."""
    return working.go_on()


@shared_task(soft_time_limit=1500, time_limit=1600)
def renew_owed() -> int:
    """Work out anew what another rank makes true. Safe to run twice: a batch is looked at by one."""
    return renewing.renew_owed(actor=Actor.system("reconciliation"))


@shared_task(soft_time_limit=3000, time_limit=3100)
def renew() -> int:
    """Work out anew what is true: a source may have fallen silent, ranks may be others. Safe to run twice."""
    return renewing.renew_all(actor=Actor.system("reconciliation"), at=timezone.now())
