"""The scheduled doors: each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from itsm.second_factors import forgetting
from itsm.second_factors.operations import break_glass, rules


@shared_task
def look_after() -> int:
    """Ends sessions of who owes a factor by now, and forgets what counts no more. Returns how many rows went."""
    now = timezone.now()
    return rules.end_weak_sessions(now) + forgetting.forget(now)


@shared_task
def report_untested() -> int:
    """Tells administrators of break-glass that nobody has tried for ninety days. Returns how many accounts."""
    return break_glass.report_untested(timezone.now())
