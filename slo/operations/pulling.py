"""Pulling measurements from Prometheus: from where the last pull ended, with a few minutes of overlap.

What the source does not say is not invented: a minute without both figures stays a gap. While the
source is away nothing is written but the error, and the budgets go to no_data by themselves.
"""

from datetime import datetime

from django.db.models import Max

from itsm.kernel.actors import Actor
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from slo.adapters.prometheus import MOST_POINTS, Unusable, per_minute
from slo.engine.samples import Sample, epoch_minute, instant_of
from slo.engine.windows import MINUTES_PER_DAY
from slo.models import Indicator
from slo.operations.samples import record_samples

OVERLAP_MINUTES = 5
USUAL_WINDOW_DAYS = 28


def pull(indicator: Indicator, *, actor: Actor, at: datetime) -> int:
    """Fetch the closed minutes up to `at` and record them; at first, the whole window. Returns how many stand.

    Never raises for the source's faults: they are kept in `last_error`, and the next pull goes on
    from the last minute that was recorded.
    """
    end, recorded = epoch_minute(at), 0
    try:
        for first in range(_first_minute(indicator, end), end, MOST_POINTS):
            recorded += _pull_minutes(indicator, first, min(first + MOST_POINTS, end), actor, at)
    except (OutgoingFailed, OutgoingRefused, Unusable) as error:
        Indicator.objects.filter(pk=indicator.pk).update(last_pull_at=at, last_error=str(error)[:1000])
    return recorded


def _first_minute(indicator: Indicator, end: int) -> int:
    longest = indicator.objectives.aggregate(longest=Max("window_days"))["longest"] or USUAL_WINDOW_DAYS
    oldest = end - longest * MINUTES_PER_DAY
    if indicator.pulled_until is None:
        return oldest
    return max(oldest, min(indicator.pulled_until, end) - OVERLAP_MINUTES)


def _pull_minutes(indicator: Indicator, first: int, end: int, actor: Actor, at: datetime) -> int:
    good = per_minute(indicator.server_url, indicator.good_query, first, end)
    total = per_minute(indicator.server_url, indicator.total_query, first, end)
    samples = [Sample(instant_of(minute), good[minute], total[minute]) for minute in sorted(good.keys() & total.keys())]
    outcome = record_samples(indicator, samples, actor=actor, at=at)
    refused = f"{len(outcome.refused)} minutes refused: {outcome.refused[0].reason}" if outcome.refused else ""
    Indicator.objects.filter(pk=indicator.pk).update(pulled_until=end, last_pull_at=at, last_error=refused)
    return outcome.accepted
