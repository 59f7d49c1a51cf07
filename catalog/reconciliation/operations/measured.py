"""Points of capacity that documents bring along. Who keeps measures stands above, and registers what takes them in."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.operations.staging import Staged
from itsm.kernel.actors import Actor


class Reading(NamedTuple):
    """What was measured of an item (its id) at an instant. `slug`: what its source calls the measure within the item;
    people read it as `name`."""

    item: int
    slug: str
    name: str
    unit: str
    at: datetime
    value: float
    limit: float


# (readings, whose word they are, now): in the transaction of the batch, which holds the items.
Takes = Callable[[Sequence[Reading], Actor, datetime], None]
_registered: list[Takes] = []


def are_taken_by(takes: Takes) -> None:
    """Called once, in `ready()`."""
    if takes not in _registered:
        _registered.append(takes)


def pass_on(said: Iterable[tuple[Staged, SourceRecord]], *, actor: Actor, at: datetime) -> None:
    """What these documents measured, of the items that their records speak of now. What does not say when it was
    observed is no point: of when a value is nobody guesses. Raises nothing."""
    readings = [
        Reading(
            record.ci_id, one["slug"], one["name"], one["unit"], says.observed, float(one["value"]), float(one["limit"])
        )
        for says, record in said
        if says.measured and says.observed is not None and record.ci_id is not None
        for one in says.measured
    ]  # fmt: skip
    for takes in _registered if readings else ():
        takes(readings, actor, at)
