"""The doors of Celery: each may run twice or late without harm."""

from celery import shared_task
from django.utils import timezone

from incidents.problem import operations


@shared_task
def tell_waiting() -> int:
    """Tell those who wait what problems say. Returns how many notes were settled."""
    return operations.tell_owed(timezone.now())


@shared_task
def find_recurrence() -> int:
    """Propose problems where incidents or outages recur. Returns how many were proposed or taken up again."""
    return operations.find_recurrence(timezone.now())


@shared_task
def find_fresh_recurrence() -> int:
    """The same of services on which an incident was opened just now. Returns as `find_recurrence`."""
    return operations.find_fresh_recurrence(timezone.now())
