"""The minute's work of measuring. Every task may run twice or late without harm."""

from celery import shared_task
from django.utils import timezone

from itsm.kernel.actors import Actor
from slo.measuring import operations
from slo.measuring.models import DataSource, Indicator

PULLER = Actor.system("puller")
CHECKER = Actor.system("checker")
HOUSEKEEPING = Actor.system("housekeeping")


@shared_task
def pull_all() -> int:
    """Ask for one pull per data source: a slow one holds up its own indicators only."""
    pulled = DataSource.objects.filter(indicators__source=Indicator.Source.PROMETHEUS).distinct()
    ids = list(pulled.values_list("pk", flat=True))
    for source_id in ids:
        pull_one.apply_async((source_id,), expires=55)
    return len(ids)


@shared_task
def pull_one(source_id: int) -> int:
    """Fetch what this source knows and we do not; the overlap is set again, not added."""
    source = DataSource.objects.filter(pk=source_id).first()
    return operations.pull_source(source, actor=PULLER, at=timezone.now()) if source else 0


@shared_task
def run_checks() -> int:
    """Make the uptime checks of this minute; two workers share them."""
    return operations.run_checks(actor=CHECKER, at=timezone.now())


@shared_task
def forget_old_hours() -> int:
    """Keep old measurements by the day, and drop those that no window reaches any more."""
    return operations.forget_old_hours(actor=HOUSEKEEPING, at=timezone.now())
