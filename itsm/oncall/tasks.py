"""What the scheduler does about schedules; each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from itsm.oncall import operations
from itsm.oncall.models import Schedule
from itsm.one_by_one import one_by_one


@shared_task
def write_served() -> int:
    """Who was on duty in the hours that have passed."""
    return operations.write_served(timezone.now())


@shared_task
def look_for_gaps() -> int:
    """Teams hear of new gaps of the next 30 days."""
    at = timezone.now()
    rows = Schedule.objects.filter(retired_at=None).order_by("pk")
    return one_by_one(rows, lambda one: operations.tell_gaps(one, at), what="gaps of schedules")
