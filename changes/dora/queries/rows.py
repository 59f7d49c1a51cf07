"""The rows behind each number of the report."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from changes.delivery.models import DeploymentEvent
from changes.dora.queries.facts import caused, deployments
from changes.dora.queries.lead_times import Arrival, arrivals
from changes.dora.rules import Judged
from changes.dora.vocabulary import Because, Measure
from itsm.kernel.actors import Actor

PAGE = 100
_MOST = 1_000_000


class Row(NamedTuple):
    """A deployment, or of lead time a commit with the deployment by which it arrived. `hours`: of its measure, where
    that is a length. `incidents`: that name it as their cause and that the reader may see."""

    event: DeploymentEvent
    hours: float | None
    because: tuple[Because, ...] = ()
    arrival: Arrival | None = None
    incidents: tuple[Any, ...] = ()


class Found(NamedTuple):
    """One page of rows, and how many there are in all."""

    rows: list[Row]
    total: int


_COUNTS: dict[Measure, Callable[[Judged], bool]] = {
    Measure.DEPLOYMENT_FREQUENCY: lambda one: one.fact.succeeded,
    Measure.CHANGE_FAIL_RATE: lambda one: bool(one.because),
    Measure.RECOVERY_TIME: lambda one: bool(one.because),
    Measure.REWORK_RATE: lambda one: bool(one.fact.rework),
}


def rows(
    actor: Actor, service_id: int, since: datetime, until: datetime, measure: Measure, page: int, size: int = PAGE
) -> Found:
    """What a number counts, the newest first, of lead time the longest first; so many a page, from page 1."""
    skip = (page - 1) * size
    if measure == Measure.LEAD_TIME:
        found, total = arrivals(service_id, since, until, skip, size)
        events = _events([one.deployment for one in found])
        return Found([Row(events[one.deployment], one.hours, arrival=one) for one in found], total)
    those = [one for one in deployments(actor, service_id, since, until) if _COUNTS[measure](one)]
    shown = those[::-1][skip : skip + size]
    return Found(_rows(actor, shown), len(those))


def all_rows(actor: Actor, service_id: int, since: datetime, until: datetime, measure: Measure) -> Iterator[Row]:
    """All of them, for a file."""
    return iter(rows(actor, service_id, since, until, measure, 1, _MOST).rows)


def _rows(actor: Actor, those: Sequence[Judged]) -> list[Row]:
    events = _events([one.fact.id for one in those])
    named = caused(actor, [one.fact.change for one in those if one.because and one.fact.change is not None])
    return [
        Row(
            events[one.fact.id],
            one.hours,
            one.because,
            incidents=tuple(named.get(one.fact.change or 0, ())),
        )
        for one in those
    ]


def _events(numbers: Sequence[int]) -> dict[int, DeploymentEvent]:
    return DeploymentEvent.objects.select_related("change", "person").in_bulk(numbers)
