"""The minute's work of objectives. Every task may run twice or late without harm."""

from celery import shared_task
from django.utils import timezone

from itsm.kernel.actors import Actor
from slo.objectives import operations

HOUSEKEEPING = Actor.system("housekeeping")


@shared_task
def evaluate_all() -> int:
    """Evaluate every budget as of now, in one statement."""
    return operations.evaluate(at=timezone.now())


@shared_task
def recompute_outages() -> int:
    """Find the periods in which budgets were spent, what may have caused them, and what problems burned by that."""
    looked_at = operations.recompute_outages(actor=HOUSEKEEPING, at=timezone.now())
    operations.rank_problems(actor=HOUSEKEEPING, at=timezone.now())
    return looked_at
