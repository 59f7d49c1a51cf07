"""A body is kept before anything is made of it; what has no room now is asked to come again, never turned away."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from incidents.alerts_in import formats
from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations import applying, tallies
from incidents.alerts_in.operations.bodies import keep
from incidents.alerts_in.vocabulary import Counted, IntakeStatus
from itsm.kernel.errors import Unavailable

MOST_WAITING = 20_000  # bodies that are not applied yet, in all
MOST_AT_ONCE = 2_000  # bodies of a source in ten seconds
AT_ONCE = timedelta(seconds=10)
FEW = 50  # alerts that are applied while their sender waits


def accept(source: AlertSource, raw: bytes, read: formats.Read, *, at: datetime) -> AlertIntake:
    """Keep a body whose alerts were read, and apply it at once where it is small and nothing of its source waits.

    Raises Unavailable where too much waits.
    """
    require_room(source, at=at)
    kept = keep(source, raw, at=at, alerts=len(read.told) + len(read.wrong))
    if kept.alerts > FEW or not applying.apply_now(kept, read, at=at):
        applying.soon(source.pk, at)
    return kept


def require_room(source: AlertSource, *, at: datetime) -> None:
    """Raise Unavailable above 20,000 bodies that wait, or 2,000 of a source in ten seconds."""
    waiting = AlertIntake.objects.filter(status=IntakeStatus.NEW).order_by()[: MOST_WAITING + 1].count()
    fresh = AlertIntake.objects.filter(source=source, received_at__gt=at - AT_ONCE).order_by()
    if waiting <= MOST_WAITING and fresh[: MOST_AT_ONCE + 1].count() <= MOST_AT_ONCE:
        return
    tallies.add(source, {Counted.REFUSED: 1}, at=at)
    raise Unavailable(gettext("Too much waits to be applied; send this again in a few seconds."))
