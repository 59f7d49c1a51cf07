"""The capacity group of the evidence: when what a service runs on may meet its limits, as it was forecast.

Promise: a forecast is kept as it was made, with whose word it rests on; what it is worth is judged by the rules alone.
"""

from dataclasses import dataclass
from datetime import datetime

from changes.gate.facts import require_aware


@dataclass(frozen=True, slots=True)
class CapacityForecast:
    """What was expected of one measure of the service, of an item that it runs on, or of one that the change names.

    item, measure: as evidence names them; "..." of a confidential item. soonest, likely, latest: when the limit is met;
    None: not in sight by `sees_until`. made_at: None: nothing was ever forecast. measured_until: the end of the newest
    step with a value. too_little: nothing can be said yet.
    by_interested: who wants the change sent some of its values, or was the last to change its limit or method.
    by_team: a program of the changed service's owner team did. retired: nobody watches it any more, by the word of
    somebody who wants the change.
    """

    item: str
    measure: str
    made_at: datetime | None = None
    measured_until: datetime | None = None
    sees_until: datetime | None = None
    soonest: datetime | None = None
    likely: datetime | None = None
    latest: datetime | None = None
    too_little: bool = False
    by_interested: bool = False
    by_team: bool = False
    retired: bool = False

    def __post_init__(self) -> None:
        require_aware(self.made_at, self.measured_until, self.sees_until, self.soonest, self.likely, self.latest)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is watched, what runs out soonest first; never empty. truncated: more is watched than evidence holds."""

    forecasts: tuple[CapacityForecast, ...]
    truncated: bool = False
