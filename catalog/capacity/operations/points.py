"""Points come in by push; the same instant sent again replaces what was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext

from catalog.capacity import permissions
from catalog.capacity.models import Measure
from catalog.capacity.vocabulary import KEPT_DAYS, MAX_POINTS, MOST
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

_SET = """
INSERT INTO catalog_point (measure_id, at, value, by_id)
SELECT %(measure)s, point.at, point.value, %(by)s
FROM unnest(%(instants)s::timestamptz[], %(values)s::float8[]) AS point(at, value)
ON CONFLICT (measure_id, at) DO UPDATE SET value = excluded.value, by_id = excluded.by_id
WHERE (catalog_point.value) IS DISTINCT FROM (excluded.value)
RETURNING (xmax = 0)
"""


class Sent(NamedTuple):
    """A value, in the measure's unit, at an instant with its zone."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Taken:
    """How many points are new, replaced by another value, and as they were."""

    created: int
    replaced: int
    unchanged: int


@transaction.atomic
def take_points(measure: Measure, points: Sequence[Sent], *, actor: Actor, at: datetime) -> Taken:
    """Set these points, in any order, all or none; of an instant that is sent twice the last counts.

    Whose word a point is stays with who first said the value that it has. Raises NotPermitted, WrongState (a retired
    measure), InvalidInput naming the first point that is no number or beyond MOST, lies ahead of `at` or is
    older than is kept.
    """
    if not permissions.senders(actor, measure):
        raise NotPermitted(
            gettext("%(actor_name)s may not send points of %(reference)s; its owner team may.")
            % {"actor_name": actor.name, "reference": measure.ci.reference}
        )
    current = lifecycle.locked(measure)
    if current.retired_at is not None:
        raise WrongState(gettext("%(measure)s is retired and takes no points.") % {"measure": measure.slug})
    _require_believable(points, at)
    by_instant = {point.at: point.value for point in points}
    with connection.cursor() as cursor:
        cursor.execute(
            _SET,
            {"measure": measure.pk, "by": actor.id, "instants": list(by_instant), "values": list(by_instant.values())},
        )
        new = [row[0] for row in cursor.fetchall()]
    taken = Taken(sum(new), len(new) - sum(new), len(by_instant) - len(new))
    if new:
        changes = {"points": [None, f"{taken.created} + {taken.replaced}"]}
        lifecycle.announce(current, "points_taken", actor=actor, changes=changes, at=at)
    return taken


def _require_believable(points: Sequence[Sent], at: datetime) -> None:
    if not points or len(points) > MAX_POINTS:
        raise InvalidInput.about("points", gettext("Send 1 to %(most)d points.") % {"most": MAX_POINTS})
    oldest = at - timedelta(days=KEPT_DAYS)
    for place, point in enumerate(points):
        if not abs(point.value) <= MOST:  # what is no number neither
            raise InvalidInput.about(f"points.{place}.value", gettext("A value is a number from -1e30 to 1e30."))
        if point.at > at + timedelta(minutes=1):
            raise InvalidInput.about(f"points.{place}.at", gettext("A point cannot lie in the future."))
        if point.at < oldest:
            raise InvalidInput.about(
                f"points.{place}.at", gettext("Points are kept for %(days)d days.") % {"days": KEPT_DAYS}
            )
