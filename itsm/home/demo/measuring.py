"""Measurements of the demo company: its past at once, and from then on whatever is missing up to now.

Promise: calling this twice, at the same time or after days, leaves the same measurements. Silent
sources stay silent. Indicators that are not ours are never touched.
"""

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from itsm.home.demo.objectives import DEMO_OBJECTIVES, OURS, DemoObjective
from itsm.home.demo.traffic import samples
from itsm.kernel.actors import Actor
from slo.engine.samples import MAX_SAMPLES, epoch_minute
from slo.engine.windows import MINUTES_PER_DAY
from slo.measuring import operations
from slo.measuring.queries import indicators
from slo.measuring.queries.minutes import newest_minute

if TYPE_CHECKING:
    from slo.models import Indicator

SENSORS = Actor.system("demo sensors")
# The company has lived this long when it is founded; its objectives were made on its first day.
LIVED = timedelta(days=7)
SILENCE = timedelta(hours=3)


def record_past(indicator: "Indicator", promise: DemoObjective, *, at: datetime) -> int:
    """Everything that any window of the past `LIVED` could reach, up to the founding."""
    first = epoch_minute(at - LIVED) - promise.window_days * MINUTES_PER_DAY
    end = epoch_minute(at - SILENCE if promise.silent else at)
    return _record(indicator, promise, first, end, founded=at, at=at)


def record_missing(at: datetime) -> int:
    """Fill what lacks up to the last closed minute, no further back than the window. Returns how many minutes."""
    ours = {one.slug: one for one in indicators(SENSORS).filter(slug__startswith=OURS)}
    return sum(
        _continue(ours[promise.indicator], promise, at)
        for promise in DEMO_OBJECTIVES
        if promise.indicator in ours and not promise.silent
    )


def _continue(indicator: "Indicator", promise: DemoObjective, at: datetime) -> int:
    terms = indicator.objectiveversions.order_by("made_at").first()
    if terms is None:
        return 0
    end = epoch_minute(at)
    first = max(_after_newest(indicator), end - terms.window_days * MINUTES_PER_DAY)
    return _record(indicator, promise, first, end, founded=terms.made_at + LIVED, at=at)


def _after_newest(indicator: "Indicator") -> int:
    """The minute after the newest one that was measured."""
    newest = newest_minute(indicator)
    return epoch_minute(newest) + 1 if newest else 0


def _record(
    indicator: "Indicator", promise: DemoObjective, first: int, end: int, *, founded: datetime, at: datetime
) -> int:
    waiting = samples(promise, first, end, founded=epoch_minute(founded))
    while batch := list(islice(waiting, MAX_SAMPLES)):
        operations.record_samples(indicator, batch, actor=SENSORS, at=at)
    return max(0, end - first)
