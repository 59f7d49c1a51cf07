"""What changes cost is reckoned by itself. Safe to run twice or late."""

from celery import shared_task
from django.utils import timezone

from changes.ledger.operations import staleness, typical


@shared_task
def keep_up() -> int:
    """Reckon what is owed."""
    return staleness.keep_up(timezone.now())


@shared_task
def note_typical() -> int:
    """What a failed change costs as a rule."""
    return typical.note_typical(timezone.now())
