"""What counts no more is forgotten."""

from datetime import datetime, timedelta

from itsm.second_factors import guessing
from itsm.second_factors.keys import GOOD_FOR
from itsm.second_factors.models import CodeApp, UsedChallenge

BEGUN_FOR = timedelta(hours=1)


def forget(at: datetime) -> int:
    """Wrong tries, challenges that have expired, apps that were begun and never confirmed. How many rows went."""
    challenges = UsedChallenge.objects.filter(used_at__lt=at - timedelta(seconds=2 * GOOD_FOR)).delete()[0]
    begun = CodeApp.objects.filter(confirmed_at=None, created_at__lt=at - BEGUN_FOR).delete()[0]
    return guessing.forget_old(at) + challenges + begun
