"""When what a change touches may be full, as it was forecast: the service, what it runs on, the items it names."""

from collections.abc import Collection
from datetime import datetime

from catalog.capacity.queries import Judged, judged_forecasts
from changes.change.models import Change
from changes.change.queries.own_facts import MINUTE, known
from changes.gate.evidence import Capacity, CapacityForecast
from changes.gate.facts import Fact

MOST_FORECASTS = 20


def capacity(change: Change, run_on: Collection[int], at: datetime) -> Fact[Capacity] | None:
    """`run_on`: the ids of the service, of what it runs on, and of the named items. None: nothing is watched of them.

    One query, of a bounded number of rows.
    """
    found = judged_forecasts(
        run_on, interested=change.interested, team_id=change.service.team_id, at=at, most=MOST_FORECASTS + 1
    )
    if not found:
        return None
    forecasts = tuple(_forecast(one, change) for one in found[:MOST_FORECASTS])
    return known(Capacity(forecasts, truncated=len(found) > MOST_FORECASTS), at, 5 * MINUTE)


def _forecast(one: Judged, change: Change) -> CapacityForecast:
    return CapacityForecast(
        item=change.service.slug if one.ci_id == change.service.pk else one.item,
        measure=one.measure,
        made_at=one.made_at,
        measured_until=one.measured_until,
        sees_until=one.sees_until,
        soonest=one.soonest,
        likely=one.likely,
        latest=one.latest,
        too_little=one.too_little,
        by_interested=one.by_interested,
        by_team=one.by_team,
        retired=one.retired,
    )
