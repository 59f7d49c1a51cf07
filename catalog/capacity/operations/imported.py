"""Points that imports bring along: taken as if whoever began the import had pushed them, and as far as they might."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from catalog.capacity import permissions
from catalog.capacity.models import Measure
from catalog.capacity.operations.measures import add_measure
from catalog.capacity.operations.points import Sent, take_points
from catalog.capacity.vocabulary import KEPT_DAYS, MAX_POINTS, MOST
from catalog.cmdb.models import CI
from catalog.cmdb.vocabulary import Status
from catalog.reconciliation.operations.measured import Reading
from itsm.kernel.actors import Actor

At = tuple[int, str]  # item, what sources call it


def take_readings(readings: Sequence[Reading], actor: Actor, at: datetime) -> None:
    """Set these points; a measure that an item has not yet begins with the limit that its source says.

    Whose word they are stays with them, so that whoever is judged by a forecast does not make it kinder by a file: see
    `queries.judged_forecasts`. Passed over: items that the actor may not edit, retired measures, what lies ahead, is
    too old or no number that is kept. Raises nothing.
    """
    said: dict[At, list[Reading]] = defaultdict(list)
    for one in readings:
        if at - timedelta(days=KEPT_DAYS) <= one.at <= at and abs(one.value) <= MOST and abs(one.limit) <= MOST:
            said[one.item, one.slug].append(one)
    items = CI.objects.select_related("ci_class", "team").filter(merged_into=None).in_bulk({item for item, _ in said})
    there = _there(items)
    for (item, slug), ones in said.items():
        if item not in items:  # it has just come to live on in another, which the next import says
            continue
        measure = there.get((item, slug)) or _begun(items[item], ones[0], actor)
        if measure is not None and measure.retired_at is None and permissions.senders(actor, measure):
            take_points(measure, [Sent(one.at, one.value) for one in ones[:MAX_POINTS]], actor=actor, at=at)


def _there(items: Mapping[int, CI]) -> dict[At, Measure]:
    """The measures that sources began before, retired ones too, of the items and of what lives on in them."""
    rows = Measure.objects.filter(Q(ci__in=items) | Q(ci__merged_into__in=items)).exclude(imported_as="")
    return {
        (one.ci.merged_into_id or one.ci_id, one.imported_as): one
        for one in rows.select_related("ci", "ci__team").order_by("-pk")
    }


def _begun(item: CI, reading: Reading, actor: Actor) -> Measure | None:
    """A new one, by who may say what is watched of the item; None for others, as programs are."""
    wanted = Measure(ci=item)
    if item.status == Status.RETIRED or not permissions.keepers(actor, wanted):
        return None
    return add_measure(
        actor=actor, ci=item, name=reading.name, limit=reading.limit, unit=reading.unit, imported_as=reading.slug
    )
