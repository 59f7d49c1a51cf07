"""The minute's work. Every task may run twice or late without harm."""

from celery import shared_task
from django.utils import timezone

from itsm.kernel.actors import Actor
from slo import operations
from slo.models import Indicator

PULLER = Actor.system("puller")
HOUSEKEEPING = Actor.system("housekeeping")


@shared_task
def evaluate_all() -> int:
    """Judge every budget as of now, in one statement."""
    return operations.evaluate(at=timezone.now())


@shared_task
def pull_all() -> int:
    """Ask for one pull per Prometheus indicator: a slow server holds up its own indicators only."""
    pulled = Indicator.objects.filter(source=Indicator.Source.PROMETHEUS).values_list("pk", flat=True)
    for indicator_id in pulled:
        pull_one.apply_async((indicator_id,), expires=55)
    return len(pulled)


@shared_task
def pull_one(indicator_id: int) -> int:
    """Fetch what this indicator's source knows and we do not; the overlap is set again, not added."""
    indicator = Indicator.objects.filter(pk=indicator_id).first()
    return operations.pull(indicator, actor=PULLER, at=timezone.now()) if indicator else 0


@shared_task
def forget_old_hours() -> int:
    """Drop measurements that no window reaches any more."""
    return operations.forget_old_hours(actor=HOUSEKEEPING, at=timezone.now())
