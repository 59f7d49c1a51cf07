"""What health was on each day, kept for the trend."""

from datetime import datetime, timedelta

from catalog.cmdb.models import CI
from catalog.cmdb.vocabulary import Status
from catalog.health.models import HealthDay
from catalog.health.queries.scores import counted
from catalog.health.vocabulary import DAYS_KEPT

_BATCH = 5_000


def keep_day(*, at: datetime) -> int:
    """Keep the numbers of today, by class and team; said again on the same day they replace what was there.

    Confidential items are left out: the trend is everybody's. How many rows.
    """
    items = CI.objects.filter(merged_into=None, confidential=False).exclude(status=Status.RETIRED)
    rows = [
        HealthDay(day=at.date(), ci_class_id=ci_class, team_id=team, measure=measure, bad=bad, total=counts.total)
        for (ci_class, team), counts in counted(items, at).items()
        for measure, bad in counts.bad.items()
    ]
    HealthDay.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, update_fields=["bad", "total"],
        unique_fields=["ci_class", "team", "measure", "day"],
    )  # fmt: skip
    return len(rows)


def forget_old(*, at: datetime) -> int:
    """Days that are older than is kept are gone. How many rows."""
    return HealthDay.objects.filter(day__lt=at.date() - timedelta(days=DAYS_KEPT)).delete()[0]
