"""Who is owed a place before a change: those asked for earlier that a lockdown held, and that is over now."""

from datetime import datetime, timedelta

from django.db.models import Q

from changes.calendar.workflow import WindowStatus
from changes.change.models import Change, LockdownHold

NO_LONGER_THAN = timedelta(minutes=10)  # what does not come back by then has lost its place


def some_return_before(change: Change, at: datetime) -> bool:
    """Whether an earlier change of the same service and environment is about to be judged again. One query."""
    lifted = Q(window__status=WindowStatus.LIFTED, window__lifted_at__gt=at - NO_LONGER_THAN)
    ended = Q(window__status=WindowStatus.ENFORCED, window__ends_at__gt=at - NO_LONGER_THAN, window__ends_at__lte=at)
    owed = LockdownHold.objects.filter(lifted | ended, ended_at=None, change_id__lt=change.pk)
    return owed.filter(change__service=change.service_id, change__environment=change.environment).exists()
